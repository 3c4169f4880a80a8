"""The page of one word in two sentences: what it says of each word, and that it goes on."""

from functools import partial

import numpy as np
import pytest

from core.errors import ModelUnavailable
from core.vectors import elmo, static
from lessons.compare import chinese
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran_well as ran

RIVER, MONEY = "She sat on the bank of the river.", "He put his money in the bank."


pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """One small table for word2vec and GloVe; ELMo is missing."""
    words = ("the", "bank", "river", "money")
    vectors = np.random.default_rng(0).normal(size=(4, 100)).astype(np.float16)
    table = static.StaticVectors("skipgram", words, np.arange(4, 0, -1), vectors)

    def missing():
        raise ModelUnavailable("ELMo", "not here")

    monkeypatch.setattr(static, "load", lambda name: table)
    monkeypatch.setattr(elmo, "load", missing)


opened = partial(visit.opened, "pages/vectors/compare.py", check=ran, text=RIVER, text_b=MONEY)


def said(page):
    return "\n".join(part.value for part in (*page.markdown, *page.info, *page.warning))


def test_tables_say_one_bert_says_less_and_what_is_missing_says_so():
    page = opened()
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["word2vec"] == shown["GloVe"] == "1.00"
    assert shown["ELMo"] == "–" and 0 < float(shown["BERT"]) < 1
    captions = [caption.value for caption in page.caption]
    assert translate("en", "compare", "why_model_unavailable") in captions


def test_a_word_in_one_sentence_only_is_told_and_another_is_one_click_away():
    page = opened(word="river")
    assert "river" in page.warning[0].value and not page.metric
    assert "bank" in page.pills(key="_shared_word").options
    page = ran(page.pills(key="_shared_word").set_value("bank"))
    assert page.metric[0].value == "1.00"


def test_a_word_outside_the_tables_is_said_so_while_bert_answers():
    page = opened(text="A zebra ran.", text_b="The zebra slept.", word="zebra")
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["word2vec"] == "–" and float(shown["BERT"]) <= 1
    assert translate("en", "compare", "why_word_unknown", word="zebra") in [
        caption.value for caption in page.caption
    ]


@pytest.mark.parametrize("kind", ["word2vec", "glove", "elmo", "bert"])
def test_every_model_can_be_chosen_for_the_lists_and_the_map(kind):
    page = opened(kind=kind)
    assert page.get("plotly_chart")
    if kind == "elmo":
        assert "ELMo" in page.info[-1].value


def test_the_layer_of_a_link_is_taken():
    page = opened(bert_layer="3")
    assert page.slider(key="bert_layer").value == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_chinese_word_without_its_model_is_told_and_the_page_goes_on(monkeypatch, language):
    monkeypatch.setattr(chinese, "is_here", lambda model: False)
    page = opened(language, text="她吃一个苹果。", text_b="苹果发布了新手机。", word="苹果")
    assert "bert-base-chinese" in page.warning[0].value
    assert "她把苹果切成了四块。" in said(page)
    assert not page.metric
    assert page.selectbox(key="map_word").value == "bank"
    assert page.get("plotly_chart")


def test_guess_first_hides_the_answer():
    assert not opened(guess="true").metric
