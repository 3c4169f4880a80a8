"""One page of BertViz that needs no network: its own JavaScript, the libraries, the payload.

Nothing a learner typed becomes code. The payload is a data block that is parsed as JSON, and the
page's policy lets exactly the scripts run whose checksums it names; they are the same for every
text. The policy also forbids every request, so that a page that tried one would stay offline.
"""

import base64
import hashlib
import importlib.metadata
import importlib.util
import re
from functools import cache
from pathlib import Path

from core.models.registry import ASSETS
from lessons.theme import Theme
from lessons.views.bertviz import VIEWS, Result, View

LIBRARIES = ("jquery.min.js", "d3.min.js", "require.min.js")  # require.js last: it would catch them
FRAME = ASSETS / "bertviz"
_NETWORK = re.compile(r"require\.config\(\{.*?\}\);\n", re.DOTALL)
_FILTERS = {
    "head": ("0", "1", "2", "3", "4"), "model": ("0", "1", "2", "3", "4"),
    "neuron": ("all", "aa", "bb", "ab", "ba"),
}
_FILTER_NAMES = (
    "All", "Sentence A -&gt; Sentence A", "Sentence B -&gt; Sentence B",
    "Sentence A -&gt; Sentence B", "Sentence B -&gt; Sentence A",
)
_PAGE = """<!doctype html>
<html lang="en" data-mode="{mode}">
<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>BertViz, {view} view</title>
<style>{style}</style></head>
<body class="{view}">
{controls}
<script type="application/json" id="payload">{payload}</script>
{scripts}
</body></html>
"""


def document(result: Result, theme: Theme) -> str:
    """The whole page as one string of HTML, for a frame that may run scripts and nothing else."""
    scripts = _scripts(result.view)
    style = _style(theme)
    allowed = " ".join(f"'{checksum(code)}'" for code in scripts)
    policy = f"default-src 'none'; style-src '{checksum(style)}'; script-src {allowed}"
    return _PAGE.format(
        mode=theme.name, policy=policy, view=result.view, style=style,
        controls=_controls(result.view, b'"second":null' not in result.payload),
        payload=result.payload.decode("ascii"),
        scripts="\n".join(f"<script>{code}</script>" for code in scripts),
    )


def version() -> str:
    """BertViz's version."""
    return importlib.metadata.version("bertviz")


@cache
def _scripts(view: View) -> tuple[str, ...]:
    libraries = [(ASSETS / "vendor" / name).read_text(encoding="utf-8") for name in LIBRARIES]
    before, after = (
        (FRAME / f"{name}.js").read_text(encoding="utf-8") for name in ("before", "after")
    )
    return *libraries, before, bertviz_script(view), after


@cache
def bertviz_script(view: View) -> str:
    """BertViz's own JavaScript, without the addresses of its content network.

    Raises RuntimeError for a BertViz whose script is not written as version 1.4.1's.
    """
    found = importlib.util.find_spec("bertviz")  # its files only: importing it imports torch
    assert found is not None and found.origin is not None
    script = (Path(found.origin).parent / f"{view}_view.js").read_text(encoding="utf-8")
    script, networks = _NETWORK.subn("", script)
    script = script.replace("PYTHON_PARAMS", "window.bertviz_params")
    if networks != 1 or "window.bertviz_params" not in script or "</script" in script:
        raise RuntimeError(f"unknown version of BertViz: {view}_view.js")
    return script


@cache
def _style(theme: Theme) -> str:
    colours = "".join(
        f"--{name}:{getattr(theme, name)};" for name in ("ink", "muted", "paper", "grid")
    )
    rules = (FRAME / "page.css").read_text(encoding="utf-8")
    return f":root{{color-scheme:{theme.name};{colours}}}\n{rules}"


def checksums() -> tuple[str, ...]:
    """Of every script that one of the pages runs, for the policy of the page around it."""
    return tuple(dict.fromkeys(checksum(code) for view in VIEWS for code in _scripts(view)))


@cache
def checksum(code: str) -> str:
    """A script or style as a Content-Security-Policy names it."""
    digest = hashlib.sha256(code.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _controls(view: View, pair: bool) -> str:
    """The drop-down lists that BertViz's Python writes beside the picture, under its own names."""
    lists = {"head": (("Layer", "layer"),), "model": (),
             "neuron": (("Layer", "layer"), ("Head", "att_head"))}[view]
    parts = [f'<label>{name}: <select id="{id}"></select></label>' for name, id in lists]
    if pair:
        options = "".join(
            f'<option value="{value}">{name}</option>'
            for value, name in zip(_FILTERS[view], _FILTER_NAMES, strict=True)
        )
        parts.append(f'<label>Attention: <select id="filter">{options}</select></label>')
    return f'<div id="bertviz"><p>{" ".join(parts)}</p><div id="vis"></div></div>'
