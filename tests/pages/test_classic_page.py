"""Before vectors learned, as a learner meets it: six methods, one text, and every bad input."""

from functools import partial

import pytest

from lessons.text import LANGUAGES
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran_well as ran

METHODS = ("one_hot", "tfidf", "textrank", "lsa", "plsa", "lda")
CATS = "The cat chases the dog.\nThe dog chases the cat.\nA bag stands on the table."


opened = partial(
    visit.opened, "pages/vectors/classic.py", check=ran, text="The puppy chases the cat."
)


def said(page):
    return "\n".join(part.value for part in (*page.markdown, *page.info, *page.warning))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_link_and_says_what_it_cannot_do(method):
    language = LANGUAGES[METHODS.index(method) % len(LANGUAGES)]
    page = opened(language, method=method, collection=CATS, topics="2")
    assert translate(language, "classic", "cannot") in said(page)
    assert page.get("plotly_chart") and not page.warning


def test_all_words_are_equally_far_and_two_documents_have_one_bag():
    page = opened(collection=CATS)
    assert "1.4142" in said(page)
    same = translate("en", "classic", "same_bag", one="X", two="Y").split("have")[1]
    assert same in said(page)


def test_the_guess_hides_the_triangle_until_it_is_made():
    page = opened(collection=CATS, guess="true")
    assert not page.get("plotly_chart")
    radio = next(r for r in page.radio if not (r.key or "").startswith("_quiz_"))
    radio.set_value(radio.options[0])
    commit = translate("en", "common", "guess_commit")
    page = ran(next(b for b in page.button if b.label == commit).click())
    assert translate("en", "classic", "all_the_same") in said(page)
    assert page.get("plotly_chart")


@pytest.mark.parametrize(("collection", "method", "key"), [
    ("... !!", "one_hot", "errors_no_words"),
    ("the of and\nis it", "tfidf", "errors_only_function_words"),
    ("Only one document here.", "lsa", "errors_one_document"),
    ("Only one document here.", "plsa", "errors_one_document"),
    ("Only one document here.", "lda", "errors_one_document"),
])
def test_what_a_method_cannot_read_is_one_sentence(collection, method, key):
    page = opened(collection=collection, method=method)
    assert [w.value for w in page.warning] == [translate("en", "common", key)]
    assert page.text_area(key="collection").value == collection  # nothing that was typed is lost


def test_function_words_can_be_kept_and_then_they_count():
    page = opened(collection="the of and\nis it the", method="tfidf", leave_out="false")
    assert not page.warning and page.get("plotly_chart") is not None
    assert page.selectbox(key="cell_word").options == ["the", "of", "and", "is", "it"]


def test_one_document_is_told_that_every_idf_is_one():
    page = opened(collection="Rain and wind hit the coast.", method="tfidf")
    assert translate("en", "classic", "one_idf") in said(page)


def test_a_cell_is_computed_for_the_word_that_is_chosen():
    page = opened(collection=CATS, method="tfidf")
    page = ran(page.selectbox(key="cell_word").set_value("dog"))
    assert "**dog** stands 1 × in document 1, and in 2 of 3 documents." in said(page)


def test_a_word_that_leaves_the_documents_leaves_the_choice_too():
    page = opened(collection=CATS, method="tfidf")
    ran(page.selectbox(key="cell_word").set_value("dog"))
    page = ran(page.text_area(key="collection").set_value("A bird sings.\nA fish swims."))
    assert page.selectbox(key="cell_word").value in {"bird", "sings"}


def test_both_steps_of_em_are_shown_with_their_numbers():
    page = opened(collection=CATS, method="plsa", topics="2", em_steps="3")
    assert list(page.table[0].value.columns)[1:3] == [r"$P(w\mid z)$", r"$P(z\mid d)$"]
    assert any(r"P(w\mid z_{" in formula.value for formula in page.latex)
    assert page.slider(key="em_steps").value == 3


@pytest.mark.parametrize("method", ["one_hot", "textrank", "lda"])
def test_markup_of_a_learner_stays_text(method):
    page = opened(collection="<b>cat</b> [dog](x)\n**dog** <i>cat</i>\n$bag$ cat dog",
                  text="<script> [a](b)", method=method, topics="2")
    assert "<b>" not in said(page) and "[dog](x)" not in said(page)


def test_chinese_with_spaces_is_cut_there_and_says_so():
    page = opened("zh", text="小狗 追 猫。", collection="猫 追 狗。\n狗 追 猫。")
    captions = [caption.value for caption in page.caption]
    assert translate("zh", "classic", "said_spaces") in captions
