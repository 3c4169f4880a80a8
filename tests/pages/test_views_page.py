"""All heads at once, as a learner meets it: the path, links, jumps, pairs and long texts."""

from functools import partial

import pytest

from core.engine import local_engine
from lessons.text import LANGUAGES
from lessons.text import sections as texts
from lessons.theme import number
from lessons.views.lesson import Request, run
from lessons.views.opened import Opening, opened
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran
from tests.visit import written as said

TEXT = "The animal didn't cross the street because it was too tired."
A, B = "the man went to the store", "he bought a gallon of milk"


pytestmark = pytest.mark.usefixtures("model")
opened_page = partial(visit.opened, "pages/inside/views.py", text=TEXT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_path_is_whole_grid_one_head_sentences_averages(language):
    page = opened_page(language)
    titles = [heading.value for heading in page.subheader]
    keys = ["whole", "read", "landing", "sentences", "averages", "hide"]
    wanted = [texts("views", language)[key].title for key in keys]
    assert [title for title in titles if title in wanted] == wanted
    assert translate(language, "views", "open_one") in said(page)


def test_a_link_opens_a_head_and_its_pin_shows_the_models_own_number():
    page = opened_page(view="lines", layer="1", head="8", pin="5.6")
    exact = opened(local_engine(), Opening(TEXT, "", "embedded", 1, 8))
    assert number(float(exact[5, 6])) in said(page)
    assert len(page.metric) == 4


def test_the_average_of_a_layer_can_be_opened():
    page = opened_page(view="matrix", layer="2", head="12", pin="1.2")
    exact = opened(local_engine(), Opening(TEXT, "", "embedded", 2, 12))
    assert number(float(exact[1, 2])) in said(page)


def test_a_jump_opens_the_head_it_names():
    page = opened_page()
    find = next(f for f in run(local_engine(), Request(TEXT)).finds if f.name == "next")
    page = ran(page.pills(key="_jump").set_value("next"))
    where = translate("en", "common", "layer_head", layer=find.layer, head=find.head)
    assert translate("en", "views", "lands", where=where) in said(page)


def test_a_pair_says_what_crosses_and_a_single_text_how_to_get_there():
    assert "B spends" in said(opened_page(text=A, text_b=B))
    assert "Type a sentence B" in said(opened_page(text=A))


def test_guess_first_hides_where_attention_goes():
    page = opened_page(guess="true")
    titles = [heading.value for heading in page.subheader]
    assert "Where does it all go?" not in titles


def test_a_long_text_is_shown_by_window():
    page = opened_page(text="word " * 600, view="matrix")
    assert page.slider(key="from").max == 512 - 128
    assert "6 × 6" in said(page)


@pytest.mark.parametrize("query", [
    {"view": "<script>"}, {"second": "99.99"}, {"filter": "x"}, {"pin": "400.400"},
    {"s_view": "nothing", "r_layer": "17"},
])
def test_nonsense_in_a_link_falls_back(query):
    opened_page(**query)


def test_an_empty_other_sentence_is_told_and_the_own_heads_stay():
    page = opened_page(other=" ")
    assert page.warning and "72" in said(page)
    assert texts("views", "en")["averages"].title in [h.value for h in page.subheader]
