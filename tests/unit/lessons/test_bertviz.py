"""BertViz offline: what its pages hold, what they cannot do, and numbers equal to the trace."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from bench.bertviz_peer import peer_html, peer_params
from core.contract import TraceRequest
from core.engine import local_engine
from core.errors import EmptyText, OutOfRange
from core.models.registry import ASSETS
from lessons.theme import DARK, LIGHT
from lessons.views.bertviz import (
    KEEP,
    MOST_ELEMENTS,
    VIEWS,
    Request,
    elements,
    heaviest,
    inert,
    most_pieces,
    run,
)
from lessons.views.bertviz_document import LIBRARIES, bertviz_script, document

TEXT, SECOND = "The animal didn't cross the street.", "It was too tired."
HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--<script>",
    "\u2028\u2029", "\"'`;//", "&lt;b&gt;", "\x00\ud800", "${1}", "]]>",
)
VENDOR = ASSETS / "vendor"


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def trace(engine):
    return engine.trace(TraceRequest(TEXT, SECOND, keep=KEEP))


class Blocks(HTMLParser):
    """A page as a browser's parser cuts it: tags with their attributes, script blocks."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}", {}))


def numbers(values):
    return np.array(values, dtype=float)


@pytest.mark.parametrize("pair", ["", SECOND])
@pytest.mark.parametrize("view", ["head", "model"])
def test_the_weights_are_those_that_bertvizs_own_python_sends_rounded(engine, view, pair):
    sent = json.loads(run(engine, Request(TEXT, pair, view=view)).payload)
    trace = engine.trace(TraceRequest(TEXT, pair or None, keep=KEEP))
    theirs = peer_params(view, peer_html(view, trace))
    whole = theirs["attention"][0]
    assert sent["tokens"] == whole["left_text"] == whole["right_text"]
    assert sent["layers"] == theirs["include_layers"]
    ours = numbers(sent["attention"]) / sent["steps"]
    assert np.abs(ours - numbers(whole["attn"])).max() <= 0.5 / sent["steps"] + 1e-9
    # what is left out of the payload is cut out of the whole again, in the browser
    second = sent["second"]
    assert (second is None) == (len(theirs["attention"]) == 1)
    if second is not None:
        assert theirs["attention"][3]["name"] == "Sentence A -> Sentence B"
        cut = ours[:, :, :second, second:]
        assert np.abs(cut - numbers(theirs["attention"][3]["attn"])).max() <= 0.5001 / 1000


def test_neuron_view_gets_the_traces_queries_keys_and_weights(engine, trace):
    sent = json.loads(run(engine, Request(TEXT, SECOND, view="neuron", layer=4)).payload)
    assert sent["layers"] == [4]
    layer = trace.layer(4)
    for name, values in (
        ("queries", layer.q), ("keys", layer.k), ("attention", layer.weights)
    ):
        shown = numbers(sent[name])[0] / sent["steps"]
        assert shown.shape == values[0].shape
        assert np.abs(shown - values[0]).max() <= 0.5 / sent["steps"] + 1e-6


def test_neuron_view_gets_what_bertvizs_own_python_would_make_of_the_same_tensors(engine, trace):
    sent = json.loads(run(engine, Request(TEXT, SECOND, view="neuron", layer=1)).payload)
    theirs = peer_params("neuron", peer_html("neuron", trace))["attention"]["all"]
    assert sent["tokens"] == theirs["left_text"]
    for ours, name in (("queries", "queries"), ("keys", "keys"), ("attention", "attn")):
        assert np.abs(numbers(sent[ours])[0] / 1000 - numbers(theirs[name][1])).max() < 0.00051


def test_rounded_queries_and_keys_still_give_the_scaled_scores(engine):
    # d_k products of factors off by at most 0.0005: |q - q'|.|k| + |k - k'|.|q|, over sqrt(d_k)
    sent = json.loads(run(engine, Request(TEXT, view="neuron", layer=3)).payload)
    layer = engine.trace(TraceRequest(TEXT, keep=frozenset({"qkv", "scores"}))).layer(3)
    q, k = (numbers(sent[name])[0] / 1000 for name in ("queries", "keys"))  # (A, n, d_k)
    scaled = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1])  # (A, n, n)
    size = np.abs(layer.q).sum(-1).max() + np.abs(layer.k).sum(-1).max()
    assert np.abs(scaled - layer.scaled[0]).max() <= 0.0005 * size / np.sqrt(q.shape[-1]) * 1.01


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_names_no_address_that_a_browser_would_fetch(engine, view):
    html = document(run(engine, Request(TEXT, view=view)), LIGHT)
    blocks = Blocks(html)
    for _, attributes in blocks.tags:
        assert not {"src", "href", "data", "action", "srcdoc"} & set(attributes)
    assert "cdnjs" not in html
    own = bertviz_script(view)
    assert "require.config" not in own
    addresses = re.findall(r"https?://[^\s\"'<>)]+", re.sub(r"/\*.*?\*/", "", own, flags=re.S))
    assert addresses == []
    policy = next(a["content"] for tag, a in blocks.tags if tag == "meta" and "content" in a)
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy and "unsafe" not in policy


@pytest.mark.parametrize("view", VIEWS)
def test_the_policy_lets_exactly_the_scripts_of_the_page_run(engine, view):
    blocks = Blocks(document(run(engine, Request(TEXT, view=view)), DARK))
    policy = next(a["content"] for tag, a in blocks.tags if tag == "meta" and "content" in a)
    allowed = re.findall(r"'(sha256-[^']+)'", policy.split("script-src")[1])
    data, *code = blocks.scripts
    json.loads(data)
    made = [
        "sha256-" + base64.b64encode(hashlib.sha256(c.encode()).digest()).decode() for c in code
    ]
    assert made == allowed
    assert len(code) == len(LIBRARIES) + 3


def test_the_scripts_are_the_same_for_every_text(engine):
    pages = [
        Blocks(document(run(engine, Request(text, view="head")), LIGHT)).scripts
        for text in (TEXT, "</script><script>alert(1)</script> <img src=x onerror=alert(1)>")
    ]
    assert pages[0][1:] == pages[1][1:]
    assert pages[0][0] != pages[1][0]


def test_no_text_can_leave_its_data_block():
    sent = inert({"tokens": HOSTILE})
    assert json.loads(sent)["tokens"] == list(HOSTILE)
    assert not set(b"<>&") & set(sent)
    assert all(byte < 128 for byte in sent)


@pytest.mark.parametrize("view", VIEWS)
def test_a_hostile_sentence_adds_no_tag_to_the_page(engine, view):
    text = "</script><script>window.owned=1</script><img src=x onerror=alert(1)> <!-- \u2028"
    plain, hostile = (
        Blocks(document(run(engine, Request(t, view=view)), LIGHT)).tags for t in (TEXT, text)
    )
    names = [[tag for tag, _ in tags] for tags in (plain, hostile)]
    assert names[0] == names[1]


@pytest.mark.parametrize("view", VIEWS)
def test_bertviz_puts_text_into_the_page_as_text_only(view):
    script = bertviz_script(view)
    for sink in (".html(", "innerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "new Function"):
        assert sink not in script


@pytest.mark.parametrize("view", VIEWS)
def test_a_long_text_is_shown_by_window_and_never_beyond_the_limit(engine, view):
    info = engine.info("embedded")
    most = most_pieces(view, info)
    assert elements(view, info, most) <= MOST_ELEMENTS < elements(view, info, most + 1)
    text = "river " * (most + 20)
    result = run(engine, Request(text, view=view, start=7))
    assert (result.start, result.stop) == (7, 7 + most)
    sent = json.loads(result.payload)
    assert len(sent["tokens"]) == most == np.shape(sent["attention"])[2]
    assert result.elements == elements(view, info, most)
    last = run(engine, Request(text, view=view, start=10_000))
    assert last.stop == len(last.encoded)


def test_a_window_over_one_sentence_of_a_pair_has_no_second_part(engine):
    most = most_pieces("model", engine.info("embedded"))
    first = run(engine, Request("river " * (most + 5), SECOND, view="model"))
    assert json.loads(first.payload)["second"] is None
    last = run(engine, Request("river " * (most + 5), SECOND, view="model", start=10_000))
    second = json.loads(last.payload)["second"]
    assert last.encoded.segments[last.start + second] == 1
    assert last.encoded.segments[last.start + second - 1] == 0


def test_the_reason_for_the_limit_was_measured_beyond_it(engine):
    info = engine.info("embedded")
    for view in VIEWS:
        measured = heaviest(view)
        assert measured.elements == elements(view, info, measured.pieces)
        assert measured.draw > 0 and measured.answer > 0
    assert heaviest("model").elements > MOST_ELEMENTS


@pytest.mark.parametrize("view", VIEWS)
def test_trimming_makes_the_numbers_a_tenth_of_what_bertviz_writes(engine, trace, view):
    ours = run(engine, Request(TEXT, SECOND, view=view))
    assert 10 * len(ours.payload) < len(peer_html(view, trace))


def test_a_layer_or_head_that_is_not_there_is_told(engine):
    with pytest.raises(OutOfRange):
        run(engine, Request(TEXT, view="neuron", layer=6))
    with pytest.raises(EmptyText):
        run(engine, Request(" "))


def test_every_library_is_the_one_that_its_readme_names():
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    for name in LIBRARIES:
        digest = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{name}`"))
        assert digest in row
        licence = re.search(r"`([\w.]+LICENSE\.txt)`", row)[1]
        assert "opyright" in (VENDOR / licence).read_text(encoding="utf-8")


def test_the_lock_file_pins_the_versions_of_the_readme():
    locked = json.loads((VENDOR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    for name in ("d3", "jquery", "requirejs"):
        assert f"| {name} {locked[f'node_modules/{name}']['version']} |" in readme
    for path, package in locked.items():
        assert not path or package["integrity"].startswith("sha512-")
    assert "\nvendor:" in (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8")
