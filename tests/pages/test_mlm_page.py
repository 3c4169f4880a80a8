"""The masked-LM page: clicks, the guess, context taken away, the dice, the stored run."""

import json
import re
from functools import partial

import numpy as np
import pytest

from core.engine import local_engine
from core.models.files import folder_of
from core.training.prompts import PROMPTS, SENTENCES, TOP_WORDS
from core.wordpiece.encoder import encode
from lessons.mlm import recipe, timelapse
from lessons.text import LANGUAGES
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran, written

TEXT = "The man went to the [MASK] to buy milk."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/pretraining/mlm.py", text=TEXT)


def bars(page):
    """The words of the first bar chart, best first, from what Plotly is given."""
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    return figure["layout"]["yaxis"]["ticktext"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_engines_words_and_its_softmax(language):
    page = opened(language, top_k="4")
    mask = local_engine().mask_fill(TEXT, top_k=4).masks[0]
    assert bars(page) == list(mask.tokens)
    assert any(f"{mask.probabilities[0]:.4f}" in latex.value for latex in page.latex)


def test_a_text_without_a_mask_says_what_to_do_and_still_rolls_the_dice():
    page = opened(text="The cat sat on the mat.")
    hint = translate("en", "mlm", "click_hint")
    assert hint in [i.value for i in page.info]
    assert page.table


def test_the_model_is_hidden_until_the_guess_and_then_ranks_it():
    page = opened(guess="true")
    assert not any("[MASK] at position" in m.value for m in page.markdown)
    first = local_engine().mask_fill(TEXT, top_k=8).masks[0].tokens[0]
    page.text_input[0].set_value(first.upper())
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    assert "is number 1 of the model's list" in written(page)


def test_a_guess_with_markup_stays_text():
    page = opened(guess="true")
    page.text_input[0].set_value("<b>x</b> [a](b)")
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    said = next(m.value for m in page.markdown if "Your guess" in m.value)
    assert "<b>" not in said and "](" not in said


def test_the_context_sliders_shorten_the_text_that_is_filled():
    page = opened(left="1", right="2")
    assert "the [MASK] to buy" in [t.value for t in page.text]
    ran(page.slider(key="left").set_value(0))
    assert "[MASK] to buy" in [t.value for t in page.text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_loss_on_the_page_is_the_loss_of_the_lesson(language):
    page = opened(language, seed="11")
    result = recipe.run(local_engine(), recipe.Request(TEXT, 11))
    n = sum(result.draw.chosen)
    label = translate(language, "mlm", "loss", n=n)
    assert {m.label: m.value for m in page.metric}[label] == f"{result.loss:.4f}"


def test_rolling_again_moves_the_seed():
    page = opened(seed="4")
    ran(next(b for b in page.button if b.label == "Roll again").click())
    assert page.slider(key="seed").value == 5


def test_only_a_mask_leaves_nothing_to_choose():
    page = opened(text="[MASK]")
    assert translate("en", "mlm", "nothing_to_choose") in [i.value for i in page.info]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_run_is_told_with_the_commands_that_make_it(language, monkeypatch, tmp_path):
    monkeypatch.setattr(timelapse, "FILE", tmp_path / "nothing.npz")
    timelapse.load.cache_clear()
    page = opened(language)
    timelapse.load.cache_clear()
    said = [i.value for i in page.info if timelapse.TRAIN in i.value]
    assert said and timelapse.EXPORT in said[0]


def test_a_stored_run_says_that_it_is_precomputed(monkeypatch, tmp_path):
    lengths = [len(encode(folder_of("embedded"), s)) for s in SENTENCES]
    np.savez_compressed(
        tmp_path / "run.npz", tokens=np.array([0, 20_000]), figures=np.zeros((2, 3), np.float32),
        words=np.full((2, len(PROMPTS), TOP_WORDS), 2000, np.int32),
        probabilities=np.full((2, len(PROMPTS), TOP_WORDS), 0.1, np.float16),
        **{f"attention_{i}": np.zeros((2, 1, 1, n, n), np.uint8) for i, n in enumerate(lengths)},
    )
    monkeypatch.setattr(timelapse, "FILE", tmp_path / "run.npz")
    timelapse.load.cache_clear()
    page = opened()
    timelapse.load.cache_clear()
    assert any(re.search("Precomputed, not live", c.value) for c in page.caption)
    assert page.selectbox(key="lapse_prompt").value == "0"
