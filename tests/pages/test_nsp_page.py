"""The next-sentence page: the verdict, the swap, the guess, and pairs from one's own documents."""

from functools import partial

import pytest

from core.engine import local_engine
from lessons.nsp import builder
from lessons.text import LANGUAGES
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import written

A, B = "The man went to the store.", "He bought a gallon of milk."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/pretraining/nsp.py", text=A, text_b=B)


def metrics(page):
    return {m.label: m.value for m in page.metric}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_engines_own_probability(language):
    page = opened(language)
    answer = local_engine().next_sentence(A, B).is_next
    shown = metrics(page)[translate(language, "nsp", "order_ab")]
    assert shown == f"{100 * answer:.1f} %"
    assert any(f"{answer:.4f}" in latex.value for latex in page.latex)


def test_the_pair_turned_round_stands_beside_it():
    page = opened()
    answer = local_engine().next_sentence(B, A).is_next
    assert metrics(page)["B, then A"] == f"{100 * answer:.1f} %"


def test_the_swap_button_exchanges_the_two_sentences():
    page = opened()
    next(b for b in page.button if b.label == "Swap A and B").click().run()
    assert page.text_area(key="text").value == B
    assert page.text_area(key="text_b").value == A
    assert [e.message for e in page.exception] == []


def test_nothing_is_shown_before_the_guess_and_both_after():
    page = opened(guess="true")
    assert "A, then B" not in metrics(page) and not page.get("latex")
    page.radio[0].set_value("NotNext")
    next(b for b in page.button if b.label == "That is my guess").click().run()
    answer = local_engine().next_sentence(A, B).is_next
    models = "IsNext" if answer >= 0.5 else "NotNext"
    assert f"Your guess: **NotNext**. The model says **{models}**." in written(page)
    assert "A, then B" in metrics(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_builder_shows_as_many_pairs_as_asked_for_with_their_accuracy(language):
    page = opened(language, pairs="5", pair_seed="9")
    result = builder.run(local_engine(), builder.Request(builder.sample_text(), 9, 5))
    assert written(page).count("**A** ") == 5
    label = translate(language, "nsp", "accuracy")
    assert metrics(page)[label] == f"{100 * result.accuracy:.1f} %"


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_documents_are_told_in_the_learners_language(language):
    page = opened(language)
    page.text_area(key="docs").set_value("Only one. Document.").run()
    assert [e.message for e in page.exception] == []
    said = translate(language, "common", "errors_too_few_documents")
    assert said in [w.value for w in page.warning]


def test_rolling_again_moves_the_seed():
    page = opened(pair_seed="4")
    page.button(key="_roll_pairs").click().run()
    assert page.slider(key="pair_seed").value == 5


def test_documents_with_markup_stay_text():
    page = opened()
    text = "**Bold** <script>alert(1)</script>. B [x](http://y).\n\n$C$. :red[D]."
    page.text_area(key="docs").set_value(text).run()
    assert [e.message for e in page.exception] == []
    cards = [m.value for m in page.markdown if m.value.startswith(("**A**", "**B**"))]
    assert cards and not any("<script>" in c or "](" in c or "$c$" in c for c in cards)
