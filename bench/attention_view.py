"""All heads of a text on screen: our view beside BertViz, bytes and time to the picture.

    python -m bench.attention_view [--pieces 8 16 32 54 64 128] [--patience 60]

The embedded model (6 x 12 heads) and a random one of 12 x 12, the same texts, one run, one
Chromium. Ours is timed when the text of an open page changes: from the end of the forward pass on
the server to the first frame with all thumbnails, everything between included. BertViz is its own
JavaScript, drawn offline from a file: from the start of its page to the last element, without the
time to write and to send it. A view of BertViz that takes longer than --patience seconds is named,
and larger texts of it are left out. "answer" is one touch of a token, to the second frame after it
(two frames are 33 ms at the least); "frame" is what a frame takes while the mouse goes on moving
over our opened head.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as TooLong

from bench.bertviz_drawing import ANSWER, LISTEN, TOUCHED, UNLIMITED
from bench.bertviz_peer import peer_html
from bench.chromium import browser
from bench.forward import MODEL, text_of
from bench.report import milliseconds, report
from bench.server import Server, served
from core.contract import TraceRequest
from core.engine import local_engine
from core.models.registry import ASSETS
from lessons.theme import LIGHT
from lessons.views import bertviz, lesson
from lessons.views.bertviz_document import document
from pages.ui.components.attention_view import Block, attention_data

PIECES = (8, 16, 32, 54, 64, 128)
VIEWS: tuple[bertviz.View, ...] = ("head", "model")
GOALS = {(72, 54): (250_000, 300.0), (144, 64): (600_000, 600.0)}  # bytes, ms to the picture
FRAME_GOAL, FRAME_AT = 1000 / 60, 128
REPEATS = 5
FIRST = """
(() => {
  const watch = (window.__heads = { canvas: null, before: "", changed: 0 });
  const pixels = (canvas) => {
    const { width, height } = canvas, pen = canvas.getContext("2d");
    return [0.2, 0.4, 0.6, 0.8]
      .map((share) => pen.getImageData(0, Math.floor(share * height), width, 1).data.join())
      .join();
  };
  watch.hold = () => { watch.before = pixels(watch.canvas); watch.changed = 0; };
  const original = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    const canvas = this.canvas;
    if (canvas.closest?.(".heads")) {
      watch.canvas = canvas;
      if (!watch.changed) requestAnimationFrame(() => setTimeout(() => {
        const now = performance.timeOrigin + performance.now();
        if (!watch.changed && pixels(canvas) !== watch.before) watch.changed = now;
      }));
    }
    return original.apply(this, given);
  };
})();
"""
FRAMES = """
async (count) => {
  const picture = [...document.querySelectorAll("*")].map((node) => node.shadowRoot)
    .find((root) => root?.querySelector(".pane .over")).querySelector(".pane .over");
  const box = picture.getBoundingClientRect(), spans = [];
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame();
  for (let i = 0; i < count; i++) {
    picture.dispatchEvent(new PointerEvent("pointermove", { bubbles: true,
      clientX: box.left + 60, clientY: box.top + 8 + (i / count) * (box.height - 16) }));
    const now = await frame();
    spans.push((now - before) / 1000);
    before = now;
  }
  return spans;
}
"""


def twelve_by_twelve(folder: Path) -> str:
    """A random BERT of 12 layers and 12 heads in hub layout, with the shipped tokenizer."""
    import torch
    from transformers import BertConfig, BertForPreTraining

    torch.manual_seed(0)
    shape = BertConfig(hidden_size=384, intermediate_size=1536, initializer_range=0.1)
    BertForPreTraining(shape).save_pretrained(folder)
    for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"):
        shutil.copy(ASSETS / "models" / MODEL / name, folder / name)
    return str(folder)


def our_bytes(model: str, pieces: int) -> int:
    result = lesson.run(local_engine("cpu"), lesson.Request(text_of(pieces), "", model))
    block = Block(result.grid, result.encoded.tokens, result.encoded.segments, result.kinds,
                  result.pool)
    return len(attention_data([block], key="bench"))


def open_page(running: Browser, server: Server, model: str, pieces: int, **view: str) -> Page:
    """The view alone, its first text on screen."""
    page = running.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.add_init_script(FIRST)
    page.goto(f"{server.url}/?{urlencode({'model': model, 'pieces': pieces, **view})}")
    page.wait_for_function("window.__heads.changed > 0")
    page.get_by_text("pass 0 ended").wait_for()
    return page


def next_picture(page: Page, turn: int) -> float:
    """Seconds from the end of the next text's pass to the frame that shows all its thumbnails.

    The old text's picture may be drawn once more meanwhile: what counts is other pixels.
    """
    page.wait_for_timeout(500)
    page.evaluate("window.__heads.hold()")
    page.get_by_role("button", name="next text").click()
    page.wait_for_function("window.__heads.changed > 0")
    told = page.get_by_text(f"pass {turn} ended")
    told.wait_for()
    ended = told.text_content() or ""
    return (float(page.evaluate("window.__heads.changed")) - float(ended.split()[-1])) / 1000


def ours(running: Browser, server: Server, model: str, pieces: int) -> dict[str, Any]:
    page = open_page(running, server, model, pieces)
    pictures = [next_picture(page, turn) for turn in range(1, REPEATS + 1)]
    page.close()
    page = open_page(running, server, model, pieces, view="lines")
    page.wait_for_timeout(1000)
    frames = page.evaluate(FRAMES, 120)
    page.close()
    return {"bytes": our_bytes(model, pieces), "picture_ms": milliseconds(pictures),
            "frame_ms": milliseconds(frames)}


def peer(
    running: Browser, view: bertviz.View, model: str, pieces: int, patience: int
) -> dict[str, Any]:
    """BertViz's own HTML by size; its drawing from our smaller page of the same weights."""
    engine, text = local_engine("cpu"), text_of(pieces)
    trace = engine.trace(TraceRequest(text, None, model, bertviz.KEEP))
    asked = bertviz.Request(text, model=model, view=view)
    html = document(bertviz.run(engine, asked, UNLIMITED), LIGHT)
    return {"bytes": len(peer_html(view, trace)), "trimmed_bytes": len(html),
            **peer_picture(running, view, html, patience)}


def peer_picture(
    running: Browser, view: bertviz.View, html: str, patience: int
) -> dict[str, Any]:
    """Drawing and one touch in ms, elements; raises playwright's TimeoutError."""
    page = running.new_page(viewport={"width": 1100, "height": 900}, bypass_csp=True)
    page.set_default_timeout(1000 * patience)
    page.add_init_script(LISTEN)
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
            file.write(html)
            file.flush()
            page.goto(f"file://{file.name}")
            page.wait_for_function("window.told")
        told = page.evaluate("window.told")
        answer = page.evaluate(ANSWER, list(TOUCHED[view]))
    finally:
        page.close()
    return {"picture_ms": round(told["milliseconds"], 1), "answer_ms": round(answer, 1),
            "elements": told["elements"]}


def rows(
    running: Browser, server: Server, model: str, every: list[int], patience: int
) -> Iterator[dict[str, Any]]:
    info = local_engine("cpu").info(model)
    heads, given_up = info.layers * info.heads, set[str]()
    for pieces in every:
        row: dict[str, Any] = {"heads": heads, "pieces": pieces,
                               "ours": ours(running, server, model, pieces)}
        for view in VIEWS:
            if view in given_up:
                row[view] = "left out: a shorter text was too much"
                continue
            try:
                row[view] = peer(running, view, model, pieces, patience)
            except TooLong:
                given_up.add(view)
                row[view] = f"not drawn in {patience} s"
        yield row


def met(row: dict[str, Any]) -> bool:
    """Whether a row keeps the goals that are set for it."""
    most_bytes, most_ms = GOALS.get((row["heads"], row["pieces"]), (10**9, 10.0**9))
    smooth = row["pieces"] != FRAME_AT or row["ours"]["frame_ms"]["median"] <= FRAME_GOAL + 0.5
    return bool(row["ours"]["bytes"] <= most_bytes
                and row["ours"]["picture_ms"]["median"] <= most_ms and smooth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, nargs="+", default=PIECES)
    parser.add_argument("--patience", type=int, default=60)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served("bench/attention_view_page.py") as server,
        browser() as running,
    ):
        models = (MODEL, twelve_by_twelve(Path(folder)))
        measured = [row for model in models
                    for row in rows(running, server, model, asked.pieces, asked.patience)]
    report("attention_view", {
        "what": "all heads, forward pass to first picture, and hover", "rows": measured,
        "goals": [{"heads": h, "pieces": n, "bytes": b, "picture_ms": ms}
                  for (h, n), (b, ms) in GOALS.items()],
        "frame_goal_ms": round(FRAME_GOAL, 1), "met": all(map(met, measured)),
        "peer": f"bertviz {version('bertviz')}, head view and model view",
    })


if __name__ == "__main__":
    main()
