"""The page that takes a number apart: its controls, its cards, its links, in both languages."""


import numpy as np
import pytest

from core.derive import Derivation
from core.engine import local_engine
from lessons.text import LANGUAGES
from lessons.theme import LIGHT
from lessons.trace.formulas import said
from lessons.trace.lesson import OFFERED, Request, run
from pages.inside.trace_data import card, digits, resolved
from pages.ui.catalogue import translate
from pages.ui.trace_link import address_code, read_address
from tests import visit

TEXT = "The cat sat on the [MASK]."


pytestmark = pytest.mark.usefixtures("model")


def opened(language="en", slug="trace", group="inside", **query):
    return visit.opened(f"pages/{group}/{slug}.py", language, **{
        "text": TEXT, "text_b": "", **query,
    })


def values_written(page):
    return "\n".join(latex.value for latex in page.latex)


@pytest.mark.parametrize(
    "language, quantity", [*(("en", q) for q in OFFERED), ("zh", "weight"), ("zh", "mlm_logit")]
)
def test_every_quantity_opens_with_its_value(language, quantity):
    page = opened(language, quantity=quantity, row="6", text_b="It slept.")
    found = run(local_engine(), Request(TEXT, "It slept.", quantity=quantity, row=6, column=0))
    assert rf"\mathbf{{{said(found.nodes[0].value)}}}" in page.latex[0].value
    assert not page.warning


def test_a_path_in_the_link_opens_its_cards_and_stays_in_the_link():
    page = opened(quantity="weight", layer="0", head="3", row="2", to="1", path="a.a.a.a.5.17")
    found = run(local_engine(), Request(TEXT, head=3, row=2, column=1, path="a.a.a.a.5.17"))
    assert len(page.latex) == 3  # the last three cards
    assert rf"\mathbf{{{said(found.nodes[-1].value)}}}" in page.latex[-1].value
    assert page.session_state["_address"]["path"] == "a.a.a.a.5.17"


@pytest.mark.parametrize("path", ["<script>", "a.b.c.!", "a." * 900, "a..a", "999999999"])
def test_a_path_that_is_none_falls_back_to_the_number_itself(path):
    page = opened(path=path)
    assert len(page.latex) == 1


def test_a_link_from_another_lesson_sets_every_control_once():
    page = opened(at="q.3.7.2.5", path="a.a")
    address = page.session_state["_address"]
    assert (address["quantity"], address["layer"], address["head"]) == ("q", "3", "7")
    assert (address["row"], address["col"]) == ("2", "5")
    value = Derivation(local_engine(), TEXT).node("q", (3, 7, 2, 5)).value
    assert said(value) in values_written(page)
    page.slider(key="layer").set_value(1).run()
    assert page.slider(key="layer").value == 1  # the link is not read again


def test_a_link_to_a_word_names_it():
    word = local_engine().tokenize("embedded", "floor").ids[1]
    page = opened(at=f"mlm_probability.6.{word}")
    assert page.text_input(key="word").value == "floor"


@pytest.mark.parametrize("at", ["soul.1", "q.1", "q.a.b.c.d", "weight.9.9.9.9", "<script>", "q.²"])
def test_nonsense_in_such_a_link_opens_the_default(at):
    page = opened(at=at)
    assert page.latex


def test_an_address_is_written_and_read_alike():
    code = address_code("weight", layer=2, head=7, row=5, column=1)
    assert code == "weight.2.7.5.1"
    assert read_address(code) == ("weight", {"layer": 2, "head": 7, "row": 5, "column": 1})
    with pytest.raises(KeyError):
        address_code("weight", layer=2)


def test_another_quantity_starts_without_a_path():
    page = opened(quantity="weight", path="a.a")
    page.selectbox(key="quantity").set_value("z").run()
    assert "path" not in page.session_state["_address"]
    assert [e.message for e in page.exception] == [] and len(page.latex) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_is_no_piece_is_told(language):
    page = opened(language, quantity="mlm_logit", word="antidisestablishment")
    assert any("antidisestablishment" in w.value for w in page.warning)


def test_a_causal_pass_says_so_and_can_be_left():
    page = opened(quantity="weight", row="1", to="5", mask="causal")
    assert rf"\mathbf{{{said(0.0)}}}" in page.latex[0].value
    next(b for b in page.button if b.label == translate("en", "trace", "causal_off")).click().run()
    assert rf"\mathbf{{{said(0.0)}}}" not in page.latex[0].value


def test_nothing_is_opened_before_the_guess():
    page = opened(guess="true")
    assert not page.latex
    page.radio[0].set_value(page.radio[0].options[2])
    next(b for b in page.button if b.label == "That is my guess").click().run()
    assert page.latex and len(page.metric) == 2


def test_one_sentence_of_a_pair_can_be_read_alone():
    page = opened(text_b="It slept.", reads="b", quantity="token", row="1", col="3")
    value = Derivation(local_engine(), "It slept.").node("token", (1, 3)).value
    assert said(value) in values_written(page)


LINKED = {
    "embeddings": ("inside", "normalized."), "attention": ("inside", "weight."),
    "heads": ("inside", "attention_output."), "layer": ("inside", "attention_output."),
    "stack": ("inside", "lens_probability."), "mlm": ("pretraining", "mlm_probability."),
    "nsp": ("pretraining", "nsp_probability."),
}


@pytest.mark.parametrize("slug", LINKED)
def test_a_number_of_another_lesson_leads_here(slug):
    group, start = LINKED[slug]
    page = opened(slug=slug, group=group, text_b="It was tired.")
    links = [link.proto for link in page.get("page_link")]
    label = translate("en", "common", "trace_link")
    queries = [link.query_string for link in links if link.label == label]
    assert any(f"at={start}" in query for query in queries), queries


@pytest.mark.parametrize("step, meant", [
    ("a", "a"), ("17r", "17r"), ("?17", "17"), ("? 17 ", "17"), ("?99999", ""), ("?cat", ""),
    ("?-1", ""), ("?²", ""),
])
def test_what_is_typed_to_open_a_term_is_a_step_or_nothing(step, meant):
    node = Derivation(local_engine(), TEXT).node("q", (3, 7, 2, 5))
    assert resolved(step, node, "embedded") == meant


def test_a_term_over_the_vocabulary_is_opened_by_its_word():
    node = Derivation(local_engine(), TEXT).node("lens_total", (6, 6))
    floor = local_engine().tokenize("embedded", "floor").ids[1]
    assert resolved("?floor", node, "embedded") == str(floor)


def test_a_card_sends_the_largest_terms_first_and_the_opened_one_always():
    opened_text = Derivation(local_engine(), TEXT)
    node = opened_text.node("lens_total", (6, 6))

    def say(key, **facts):
        return translate("en", "trace", key, **facts)

    least = int(np.argmin(node.terms.terms))
    header, arrays = card(node, str(least), opened_text.encoded, "embedded", say, LIGHT, "")
    places, left, terms = arrays
    assert header["sent"] == len(places) == len(header["terms"]["names"]) == 1601
    assert places[-1] == least and np.all(np.diff(terms[:-1]) <= 0)
    np.testing.assert_array_equal(left, terms)
    assert header["holds"] and header["terms"]["right"] is None


def test_digits_are_significant():
    assert digits(-0.123456789012, 9) == "−0.123456789"
    assert digits(12.5, 9) == "12.5000000"
    assert digits(1e-9, 3) == "1.00e−09"
    assert digits(0.0, 4) == "0.0000"
