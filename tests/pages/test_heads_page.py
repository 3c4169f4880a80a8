"""The page of heads: one piece followed, roles beside each other, and the hunt as a game."""

from functools import partial

import pytest

from core.heads import measured
from lessons.heads.hunting import game
from lessons.text import LANGUAGES
from lessons.theme import percent
from pages.inside import heads_hunt, heads_roles
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran_well as ran

pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/heads.py", check=ran)


def said(page):
    return "\n".join(p.value for p in (*page.markdown, *page.info, *page.warning, *page.caption))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_with_proof_and_both_origins_named(language):
    page = opened(language)
    assert "python -m core.training.head_roles" in said(page)
    assert any("NumPy" in box.label for box in page.expander)
    assert translate(language, "heads", "hunt_locked") in said(page)


def test_the_answer_of_the_hunt_is_hidden_until_a_guess_and_then_told_with_its_rival():
    page = opened()
    assert not page.metric
    page = opened(g_obj_dependent="3.8")
    found = measured.hunt()
    played = game(found, found.relations.index("obj"), 0)
    shown = [metric.value for metric in page.metric]
    assert shown == [
        percent(share.value)
        for share in (played.of((3, 8)), played.of(played.best), played.baseline)
    ]
    again = translate("en", "heads", "hunt_again")
    page = ran(next(b for b in page.button if b.label == again).click())
    assert not page.metric


def test_a_guess_holds_for_its_relation_alone():
    page = opened(g_obj_dependent="3.8", relation="det")
    assert not page.metric and translate("en", "heads", "hunt_locked") in said(page)


def test_without_a_guess_the_answer_is_one_switch_away():
    assert len(opened(hunt_show="true", relation="det", direction="governor").metric) == 2


def test_a_link_opens_piece_coordinate_and_head():
    page = opened(layer="4", piece="3", coordinate="17", role_head="4.10", projection="v")
    assert page.slider(key="layer").value == 4 and page.slider(key="coordinate").value == 17
    assert "Layer 4, head 10" in said(page)
    assert "**teacher**" in said(page)


def test_the_bar_moves_what_the_rule_says():
    page = opened(bar="40")
    assert "**40\u00a0%**" in said(page) and "**20\u00a0%**" in said(page)


def test_guess_first_hides_the_roles_until_the_learner_commits():
    page = opened(guess="true")
    told = translate("en", "heads", "head_says", layer=0, head=2, mine="", others="")[:15]
    assert told not in said(page)
    form = next(r for r in page.radio if r.key is None or "quiz" not in r.key)
    form.set_value(translate("en", "heads", "role_previous"))
    commit = translate("en", "common", "guess_commit")
    page = ran(next(b for b in page.button if b.label == commit).click())
    assert told in said(page)
    assert translate("en", "heads", "role_previous") in [m.value for m in page.metric]


@pytest.mark.parametrize("text", ["Hello", "!!!", "[SEP]", "小猫在睡觉。", "a " * 700])
def test_strange_texts_are_answered(text):
    page = opened(text=text, hunt_show="true")
    assert page.slider(key="layer").value == 0
    if text == "Hello":
        assert translate("en", "heads", "live_one_word") in said(page)


def test_an_empty_text_is_one_sentence():
    page = opened(text=" ")
    assert translate("en", "common", "errors_empty_text") in said(page)


def test_figures_that_are_not_of_these_weights_are_not_shown(monkeypatch):
    monkeypatch.setattr(heads_roles.measured, "roles", lambda: None)
    monkeypatch.setattr(heads_hunt.measured, "hunt", lambda: None)
    page = opened()
    assert translate("en", "heads", "no_figures") in said(page)
    assert not page.metric
