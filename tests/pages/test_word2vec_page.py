"""word2vec and GloVe, as a learner meets them: windows, updates, training, shipped tables."""

from functools import partial

import numpy as np
import pytest

from core.training import word_map
from core.vectors import static
from lessons.text import LANGUAGES
from lessons.theme import number
from pages.ui.catalogue import translate
from pages.vectors.word2vec_live import FEW, SLOT
from tests import visit
from tests.visit import ran_well as ran

TEXT = "The cat drinks milk. The dog drinks water. The cat sleeps."
NAMES = ("the", "king", "queen", "man", "woman", "river", "lake", "town")


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Small tables with the map of their words, as training would export them."""
    (tmp_path / "words.txt").write_text(
        "".join(f"{w}\t{90 - n}\n" for n, w in enumerate(NAMES)), encoding="utf-8"
    )
    vectors = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0.9], [0, 0, 1], [0, 1, 1], [-1, 0, 0],
                        [-1, 0.1, 0], [0, -1, 0]], np.float16)
    for name in static.LABELS:
        np.save(tmp_path / f"{name}.npy", vectors)
    facts = {"table": "glove", "words": 8, "perplexity": 3.0, "variance": 0.9}
    places = np.random.default_rng(0).normal(size=(8, 3))
    word_map.write(tmp_path, list(NAMES), places[:, :2], places, facts)
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def no_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(static, "FOLDER", tmp_path)


opened = partial(visit.opened, "pages/vectors/word2vec.py", check=ran, text=TEXT)


def said(page):
    return "\n".join(part.value for part in (*page.markdown, *page.info, *page.warning))


def click(page, key, **args):
    label = translate("en", "word2vec", key, **args)
    return ran(next(b for b in page.button if b.label == label).click())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_makes_the_examples_of_both_networks(language):
    page = opened(language, place="2", win="1")
    assert "the + drinks → **cat**" in said(page)
    assert "cat → **the**" in said(page) and "cat → **drinks**" in said(page)
    assert translate(language, "word2vec", "examples_of_text", here=1, all=11) in [
        caption.value for caption in page.caption
    ]


def test_guess_first_hides_the_examples():
    assert "→ **" not in said(opened(guess="true"))


@pytest.mark.parametrize("text", ["word", "One. Two. Three.", "... !!"])
@pytest.mark.parametrize("view", ["windows", "live", "glove"])
def test_a_text_without_neighbours_is_one_sentence(text, view):
    page = opened(text=text, w2v=view)
    assert len(page.warning) == 1 and page.text_area[0].value == text


def test_an_update_lowers_the_loss_of_its_example():
    page = opened(w2v="step", net="cbow", out="softmax")
    before, after = (m for m in page.metric if m.label.startswith("Loss"))
    assert float(after.value) < float(before.value)
    assert float(after.delta) == pytest.approx(float(after.value) - float(before.value), abs=2e-4)


def test_training_goes_step_by_step_in_passes_and_starts_again():
    page = opened(w2v="live")
    shown = {m.label: m.value for m in page.metric}
    assert shown[translate("en", "word2vec", "updates")] == "0"
    page = click(page, "one_step")
    training = page.session_state[SLOT].training
    assert training.updates == 1
    assert number(training.last.loss) in said(page)
    page = click(page, "anew")
    assert page.session_state[SLOT].training.updates == 0


def test_training_to_the_end_shows_progress_the_way_and_neighbours():
    page = click(opened(w2v="live", passes="10"), "ten_passes", few=FEW)
    for _ in range(20):
        if page.session_state[SLOT].until is None:
            break
        page = ran(page)
    session = page.session_state[SLOT]
    assert session.training.epoch == 10 and session.until is None
    metrics = {m.label: m.value for m in page.metric}
    assert metrics[translate("en", "word2vec", "full_passes")] == "10"
    assert metrics[translate("en", "word2vec", "mean_loss")] == number(session.training.losses[-1])
    assert len(page.get("plotly_chart")) == 4  # vectors, loss, neighbours, analogy


def test_other_settings_are_another_training():
    page = click(opened(w2v="live"), "one_step")
    page = ran(page.slider(key="dims").set_value(2))
    assert page.session_state[SLOT].training.updates == 0
    assert translate("en", "word2vec", "plane_two") in [c.value for c in page.caption]


def test_glove_follows_the_largest_cell_and_an_empty_one_has_no_term():
    page = opened(w2v="glove")
    assert any("X_{ij}" in formula.value for formula in page.latex)
    page = opened(w2v="glove", gi="0", gj="0")
    assert translate("en", "word2vec", "cell_empty") in said(page)


def test_the_shipped_tables_stand_side_by_side_and_an_unknown_word_is_told(tables):
    page = opened(w2v="wikipedia", wiki_word="river")
    assert len(page.get("plotly_chart")) == 3
    page = ran(page.text_input(key="wiki_word").set_value("zebra"))
    assert "zebra" in page.warning[0].value and not page.get("plotly_chart")
    page = ran(page.text_input(key="wiki_word").set_value("  "))
    assert len(page.warning) == 1


def test_an_analogy_is_asked_of_every_table(tables):
    page = opened(w2v="wikipedia", wiki="analogy", wiki_a="man", wiki_b="king", wiki_c="woman")
    assert len(page.get("plotly_chart")) == 3 and not page.warning


@pytest.mark.parametrize("view", ["flat", "solid"])
def test_the_map_finds_a_word_and_says_when_it_has_none(tables, view):
    page = opened(w2v="wikipedia", wiki="map", map_view=view, map_word="king")
    assert len(page.get("plotly_chart")) == 1 and not page.warning
    page = ran(page.text_input(key="map_word").set_value("<b>zebra"))
    assert len(page.warning) == 1 and "<b>" not in page.warning[0].value


@pytest.mark.parametrize(("part", "key"), [
    ("near", "tables_missing"), ("map", "map_file_missing"), ("curves", "curves_missing"),
])
def test_without_trained_tables_one_sentence_says_how_to_make_them(no_tables, part, key):
    page = opened(w2v="wikipedia", wiki=part)
    start = translate("en", "word2vec", key, command="|").split("|")[0]
    assert [i.value for i in page.info if i.value.startswith(start)]
