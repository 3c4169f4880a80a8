"""The stack's page as a learner meets it: a piece followed, an answer guessed, a size changed."""

from functools import partial

import pytest

from core.engine import local_engine
from pages.ui.catalogue import translate
from pages.ui.markup import escape_markdown
from tests import visit
from tests.visit import ran_well as ran
from tests.visit import written as said

HIM, HER = "The doctor told him that [MASK] should rest.", "The doctor told her that [MASK] ran."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/stack.py", check=ran, text=HIM, text_b="")
say = partial(visit.say, "stack")


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_with_everything_proved(language):
    page = opened(language, text_b=HER)
    badge = translate(language, "common", "prove", difference="").strip()[:4]
    proved = [e for e in page.expander if e.label.startswith(badge)]
    assert len(proved) == 1 and proved[0].icon == ":material/verified:"


def test_the_mask_is_followed_first_and_a_link_says_another():
    assert page_token(opened()) == "6"
    assert page_token(opened(token="2")) == "2"


def page_token(page):
    return page.selectbox(key="token").value


def test_a_longer_text_keeps_its_place_and_a_shorter_one_starts_anew():
    page = opened(token="8")
    page = ran(page.text_area(key="text").set_value("Hello there my friend."))
    assert page_token(page) == "1"


def test_guess_first_hides_the_words_until_one_commits():
    page = opened(guess="true")
    assert say("answer") not in metrics(page)
    radio = next(r for r in page.radio if say("guess_layer", layer=0) in r.options)
    radio.set_value(say("guess_layer", layer=4))
    page = ran(next(b for b in page.button if b.label == translate("en", "common", "guess_commit"))
               .click())
    assert say("answer") in metrics(page)
    assert say("guess_layer", layer=4) in page.success[0].value


def test_a_piece_that_is_seen_can_be_hidden_with_one_click():
    page = opened(token="2")
    assert say("sees_itself") in said(page)
    page = ran(next(b for b in page.button if b.label == say("hide_it")).click())
    assert page.text_area(key="text").value == HIM.replace("doctor", "[MASK]")
    assert page_token(page) == "2" and say("sees_itself") not in said(page)


def test_a_second_sentence_without_the_piece_is_told():
    page = opened(text_b="No gap here.")
    assert say("not_in_b", piece=escape_markdown("[MASK]")) in said(page)
    assert opened(text_b=HER, lens_of="b")


def test_only_special_pieces_left_is_told():
    page = opened(text="a", specials="without")
    assert say("too_few") in said(page)


def test_a_published_size_is_one_click():
    page = opened()
    page = ran(page.button(key="_size_base").click())
    shown = metrics(page)
    assert shown[say("size_encoder")] == "109,482,240"
    assert shown[say("size_pretraining")] == "110,106,428"
    page = ran(next(b for b in page.button if b.label == say("count_button")).click())
    assert "109,482,240" in page.success[-1].value


def test_a_size_is_in_the_link_and_heads_that_do_not_divide_fall_back():
    page = opened(sz_l="2", sz_h="128", sz_a="2")
    assert metrics(page)[say("size_encoder")] == "4,385,920"
    page = opened(sz_h="128", sz_a="12")
    assert page.session_state["sz_a"] == "2"  # 64 dimensions a head


@pytest.mark.parametrize("hidden", ["128", "312", "2048"])
def test_every_hidden_size_has_heads_that_fit(hidden):
    page = opened(sz_h=hidden)
    assert metrics(page)[say("size_encoder")]


def test_the_own_models_file_agrees_with_the_formula():
    info = local_engine().info("embedded")
    count = f"{info.parameters:,}"
    assert say("own_file", formula=count, held=count) in said(opened())


def test_an_empty_sentence_gets_one_clear_sentence():
    page = opened()
    page = ran(page.text_area(key="text").set_value(" "))
    assert page.warning and not page.metric
