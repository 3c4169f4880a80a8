"""The attention view's bytes, its budget, and the codes that keep it in the URL."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from pages.ui.components.attention_state import (
    Size,
    View,
    readers,
    view_from_browser,
    view_of,
)
from pages.ui.components.attention_view import (
    WINDOW,
    Block,
    Pane,
    attention_data,
    panes_of,
    word_data,
)

SIZE = Size(6, 13, 16)


def block(n=4, layers=2, heads=3, **more):
    weights = np.random.default_rng(0).integers(0, 256, (layers, heads, n, n)).astype(np.uint8)
    return Block(weights, ["x"] * n, [0] * n, "w" * n, **more)


def unpacked(data):
    (length,) = struct.unpack("<I", data[:4])
    return json.loads(data[4 : 4 + length]), data[4 + length :]


@pytest.mark.parametrize("n, layers, heads, most", [(54, 6, 12, 250_000), (64, 12, 12, 600_000)])
def test_all_heads_of_a_text_stay_within_the_budget(n, layers, heads, most):
    tokens = ["character"] * n  # as long as pieces are
    data = attention_data([replace(block(n, layers, heads), tokens=tokens)], language="zh")
    assert len(data) <= most


def test_weights_arrive_byte_for_byte_text_after_text():
    one, two = block(4), block(5)
    header, raw = unpacked(attention_data([one, two], key="k", pair="texts"))
    assert header["view"] == "k" and [b["side"] for b in header["blocks"]] == [4, 5]
    assert raw == one.weights.tobytes() + two.weights.tobytes()


def test_an_average_column_is_offered_for_heads_and_not_for_named_columns():
    assert unpacked(attention_data([block()]))[0]["columns"] == ["0", "1", "2", "Ø"]
    named = unpacked(attention_data([block()], columns=["a", "b", "c"]))[0]
    assert named["columns"] == ["a", "b", "c"] and named["average"] is None


def test_marks_get_the_average_of_each_layer():
    header, _ = unpacked(attention_data([block()], marks=np.array([[0.0, 0.3, 0.6], [0, 0, 0.3]])))
    assert header["marks"] == pytest.approx([0, 0.3, 0.6, 0.3, 0, 0, 0.3, 0.1])


def test_other_weights_or_words_have_another_tag():
    tags = {unpacked(attention_data([b]))[0]["tag"] for b in (
        block(), replace(block(), tokens=["x", "x", "x", "y"]), block(heads=2),
    )}
    assert len(tags) == 3


def test_weights_that_are_no_bytes_are_refused():
    with pytest.raises(ValueError, match=r"uint8\[L, A, m, m\]"):
        attention_data([Block(np.zeros((1, 1, 2, 2), np.float32), ["a"] * 2, [0] * 2, "ww")])


def test_the_word_carries_the_opened_heads_as_exact_floats():
    exact = np.random.default_rng(1).random((4, 4), np.float32)
    view = View("lines", 1, 2, pin=(0, None))
    header, raw = unpacked(
        word_data([block()], view, 7, [Pane(0, 1, 2)], lambda pane: exact, key="k")
    )
    assert raw == exact.tobytes() and header["turn"] == 7
    assert header["panes"] == [{"block": 0, "layer": 1, "head": 2, "from": 0, "n": 4}]
    assert header["state"]["pin"] == [0, None] and header["state"]["show"] == "lines"
    assert header["tag"] == unpacked(attention_data([block()]))[0]["tag"]


@pytest.mark.parametrize("start, first", [(0, 0), (30, 30), (400, 200 - WINDOW)])
def test_a_long_text_is_opened_by_window(start, first):
    exact = np.arange(200 * 200, dtype=np.float32).reshape(200, 200)
    long = Block(np.zeros((1, 1, 100, 100), np.uint8), ["x"] * 200, [0] * 200, "w" * 200, 2,
                 start=start)
    header, raw = unpacked(word_data([long], View("matrix"), 0, [Pane(0, 0, 0)], lambda p: exact))
    assert header["panes"][0] | {"from": first, "n": WINDOW} == header["panes"][0]
    values = np.frombuffer(raw, "<f4").reshape(WINDOW, WINDOW)
    np.testing.assert_array_equal(values, exact[first : first + WINDOW, first : first + WINDOW])


def test_which_heads_are_open():
    view = View("lines", 1, 2)
    assert panes_of(replace(view, show="grid"), None, 3) == ()
    assert panes_of(view, None, 3) == (Pane(0, 1, 2),)
    assert panes_of(replace(view, second=(0, 1)), None, 3) == (Pane(0, 1, 2), Pane(0, 0, 1))
    assert panes_of(view, "texts", 3) == (Pane(0, 1, 2), Pane(1, 1, 2))
    assert panes_of(view, "columns", 3) == (Pane(0, 1, 2), Pane(0, 1, 2))
    assert panes_of(replace(view, second=(0, 1)), "columns", 3)[1] == Pane(0, 1, 1)


@pytest.mark.parametrize("view", [
    View(), View("matrix", 5, 12, (0, 3), "ab", "cs", 25, 3, (4, 15)), View("lines", pin=(None, 2)),
    View("lines", hide="p", top=1, pin=(0, None)),
])
def test_a_view_survives_the_way_through_the_url_and_the_browser(view):
    assert view_of(view.codes()) == view
    sent = {**vars(view), "turn": 3}
    assert view_from_browser(json.loads(json.dumps(sent))) == view
    assert all(read(view.codes()[name]) == view.codes()[name]
               for name, read in readers(SIZE).items())


@pytest.mark.parametrize("name, code", [
    ("view", "heads"), ("layer", "6"), ("layer", "-1"), ("layer", "²"), ("head", "13"),
    ("second", "6.0"), ("second", "0.13"), ("second", "<script>"), ("filter", "ac..0.0"),
    ("filter", "all.sc.0.0"), ("filter", "all..61.0"), ("filter", "all..0.4"), ("filter", ""),
])
def test_nonsense_in_the_url_is_refused(name, code):
    assert readers(SIZE)[name](code) is None


@pytest.mark.parametrize("code", ["16.0", "0.16", ".", "x", "<script>"])
def test_a_pin_that_is_not_in_the_text_is_let_go(code):
    assert readers(SIZE)["pin"](code) == ""
