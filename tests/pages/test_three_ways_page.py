"""Three ways to read, as a learner meets it: clicks, the hidden word, the test, the training."""

from functools import partial

import pytest

from core.engine import local_engine
from core.errors import ModelUnavailable
from core.vectors import elmo, gpt
from lessons.text import LANGUAGES
from lessons.three_ways.lesson import Request, run
from pages.ui.catalogue import translate
from tests import visit
from tests.small_vectors import random_elmo, random_gpt
from tests.visit import ran

TEXT = "The man sat in the [MASK] of the river."


pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def models(monkeypatch):
    left, both = random_gpt(), random_elmo()
    monkeypatch.setattr(gpt, "load", lambda: left)
    monkeypatch.setattr(elmo, "load", lambda: both)


@pytest.fixture
def no_models(monkeypatch):
    def missing():
        raise ModelUnavailable("x", "its files are missing.")

    monkeypatch.setattr(gpt, "load", missing)
    monkeypatch.setattr(elmo, "load", missing)


opened = partial(visit.opened, "pages/vectors/three_ways.py", text=TEXT)


def told(page):
    return [item.value for item in (*page.info, *page.warning)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_four_answers_and_the_hidden_word_under_each(language, models):
    page = opened(language, tw_word="bank", text=f"{TEXT} {language}")
    ways = [translate(language, "three_ways", f"way_{w}")
            for w in ("elmo_forward", "elmo_backward", "gpt", "bert")]
    bold = [m.value for m in page.markdown]
    assert all(f"**{way}**" in bold for way in ways)
    result = run(local_engine(), Request(f"{TEXT} {language}", "bank"))
    ranks = [str(v) for v in page.table[0].value.iloc[:, 2]]
    assert [f"{a.rank:,}" in r for a, r in zip(result.answers, ranks, strict=False)] == [True] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_missing_weights_are_one_sentence_each_and_bert_still_answers(language, no_models):
    page = opened(language, text=f"Nobody has asked {language} for the [MASK] before.")
    for model in ("elmo", "gpt"):
        assert told(page).count(translate(language, "three_ways", f"missing_{model}")) == 1
    assert len(page.get("plotly_chart")) == 1


def test_without_a_blank_the_page_says_what_to_do_and_the_rest_stays(no_models):
    page = opened(text="The cat sat on the mat.")
    assert translate("en", "three_ways", "click_hint") in told(page)
    assert page.toggle(key="tw_train") is not None


def test_two_blanks_are_one_sentence(no_models):
    page = opened(text="A [MASK] and a [MASK].")
    assert translate("en", "common", "errors_one_blank", count=2) in told(page)


def test_the_models_are_hidden_until_the_guess(no_models):
    page = opened(guess="true", tw_word="bank", text="The man sat down in the [MASK] today.")
    assert not page.get("plotly_chart")
    radio = next(r for r in page.radio if not (r.key or "").startswith("_quiz_"))
    radio.set_value(radio.options[3])
    commit = translate("en", "common", "guess_commit")
    ran(next(b for b in page.button if b.label == commit).click())
    assert any("Your guess: **BERT, both sides**" in m.value for m in page.markdown)


def test_a_hidden_word_with_markup_stays_text(no_models):
    page = opened(tw_word="<b>x</b> [a](b)", text="The man sat in a [MASK] then.")
    said = next(m.value for m in page.markdown if "The blank hides" in m.value)
    assert "<b>" not in said and "](" not in said


def test_the_test_of_who_sees_whom_says_what_came_out(models):
    page = opened(tw_test="true", text="The man sat in the river.")
    assert translate("en", "three_ways", "test_agrees") in [m.value for m in page.markdown]


def test_training_shows_a_loss_of_nothing_that_learned_nothing(no_models):
    page = opened(tw_train="true", tw_layers="1",
                  text="The keys to the old cabinet that stood in the hall were lost for years.")
    right = [m for m in page.metric if m.label == translate("en", "three_ways", "right")]
    assert len(right) == 3
    assert float(right[0].value.split()[0]) < 20 < float(right[2].value.split()[0])


def test_too_few_words_to_train_on_are_one_sentence(no_models):
    page = opened(tw_train="true", text="A [MASK].", tw_word="cat")
    assert translate("en", "common", "errors_too_few_words", least=4, count=3) in told(page)
