"""What BertViz's three views cost a browser: bytes, SVG elements, time to draw and to answer.

    python -m bench.bertviz_drawing [--write]

The embedded model's heads at growing lengths, without the length limit of the page. `plain` is
the HTML that BertViz's own Python writes for the same trace; `sent` is ours, trimmed and with its
libraries. `--write` keeps the rows in assets/bertviz/drawing.json, where the page reads why its
views are limited.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from playwright.sync_api import Browser

from bench.bertviz_peer import peer_html
from bench.chromium import browser
from bench.forward import MODEL, text_of
from bench.report import report
from core.contract import TraceRequest
from core.engine import local_engine
from lessons.theme import LIGHT
from lessons.views.bertviz import DRAWING, KEEP, VIEWS, Request, View, run
from lessons.views.bertviz_document import document

PIECES = (16, 32, 54, 64)
UNLIMITED = 10**9
LISTEN = "addEventListener('message', (e) => { if (e.data.elements) window.told = e.data; })"
ANSWER = """
async ([selector, at, name]) => {
  const target = document.querySelectorAll(selector)[at], start = performance.now();
  target.dispatchEvent(new MouseEvent(name, { bubbles: true }));
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}
"""
TOUCHED = {
    "head": ("#left text", 3, "mouseover"),
    "model": (".model svg > g > rect:last-child", 3, "click"),
    "neuron": ("#collapsed #leftText text", 3, "mouseover"),
}


def rows(running: Browser) -> Iterator[dict[str, Any]]:
    engine = local_engine("cpu")
    for view in VIEWS:
        for pieces in PIECES:
            text = text_of(pieces)
            result = run(engine, Request(text, model=MODEL, view=view), UNLIMITED)
            trace = engine.trace(TraceRequest(text, None, MODEL, KEEP))
            html = document(result, LIGHT)
            seconds, answer, elements = drawn(running, view, html)
            yield {
                "view": view, "pieces": pieces, "elements": elements,
                "plain_bytes": len(peer_html(view, trace)), "sent_bytes": len(html),
                "payload_bytes": len(result.payload),
                "draw_seconds": round(seconds, 2), "answer_seconds": round(answer, 3),
            }


def drawn(running: Browser, view: View, html: str) -> tuple[float, float, int]:
    """Seconds until everything is laid out, seconds to answer one touch, SVG elements."""
    page = running.new_page(viewport={"width": 1100, "height": 900}, bypass_csp=True)
    page.set_default_timeout(180_000)
    page.add_init_script(LISTEN)
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(html)
        file.flush()
        page.goto(f"file://{file.name}")
        page.wait_for_function("window.told")
    told = page.evaluate("window.told")
    answer = page.evaluate(ANSWER, list(TOUCHED[view]))
    page.close()
    return told["milliseconds"] / 1000, answer / 1000, told["elements"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    with browser() as running:
        measured = list(rows(running))
    if write:
        lines = ",\n".join(json.dumps(row) for row in measured)
        DRAWING.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    report("bertviz_drawing", {
        "what": "BertViz's views, offline", "peer": f"bertviz {version('bertviz')}",
        "rows": measured,
    })


if __name__ == "__main__":
    main()
