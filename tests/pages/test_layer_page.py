"""The page of a whole layer: every station opens, the guess hides, the link brings it back."""

from functools import partial

import pytest

from core.engine import local_engine
from lessons.layer import arithmetic, moves, paper
from lessons.layer.lesson import INNER, STATIONS, Request
from lessons.text import LANGUAGES, sections
from lessons.theme import number
from pages.ui.catalogue import translate
from tests import visit
from tests.visit import ran, written

TEXT = "The cat sat on the bank."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/layer.py", text=TEXT)


def formulas(page):
    return "\n".join(f.value for f in page.latex)


def story(**asked):
    return arithmetic.run(local_engine(), arithmetic.Request(TEXT, **asked))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("station", STATIONS)
def test_every_station_opens_with_its_name_its_piece_and_its_numbers(station, language):
    page = opened(language, station=station, layer="3", token="6", coord="17")
    found = story(layer=3, token=6, coordinate=17)
    title = translate(language, "layer", f"box_{station}")
    which = translate(language, "layer", "neuron_at", neuron=found.neuron.index) \
        if station in INNER else translate(language, "layer", "coordinate_at", coordinate=17)
    assert f"### {title} · bank · {which}" in written(page)
    ends = {
        "attention": found.heads.total, "add_attention": found.add_attention.total,
        "norm_attention": found.norm_attention.out, "up": found.neuron.u,
        "gelu": found.neuron.g, "down": found.down.total, "add_ffn": found.add_ffn.total,
        "norm_ffn": found.norm_ffn.out,
    }
    if station in ends:
        assert rf"\mathbf{{{number(ends[station])}}}" in formulas(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_its_sections_in_order_and_one_proof_of_everything(language):
    page = opened(language)
    shown = [h.value for h in page.subheader]
    wanted = [sections("layer", language)[key].title
              for key in ("block", "moves", "masks", "paper", "order")]
    assert [title for title in shown if title in wanted] == wanted
    stem = translate(language, "common", "prove", difference="#").split("#")[0]
    assert sum(e.label.startswith(stem) for e in page.expander) == 1


def test_a_neuron_of_the_link_is_the_one_that_is_opened():
    page = opened(station="up", token="6", neuron="700")
    neuron = story(token=6, neuron=700).neuron
    assert "neuron 700" in written(page)
    assert number(neuron.u) in formulas(page)


def test_both_sublayers_are_drawn_for_every_layer_in_the_chosen_measure():
    import json

    moved = moves.run(local_engine(), Request(TEXT))
    for measure in ("ratio", "cosine"):
        page = opened(token="2", measure=measure)
        figure = next(
            f for f in (json.loads(c.proto.spec) for c in page.get("plotly_chart"))
            if f["layout"].get("barmode") == "group"
        )
        shown = [bar["text"] for bar in figure["data"][:2]]
        assert shown == [[f"{v:.2f}" for v in getattr(moved, measure)[s, :, 2]] for s in (0, 1)]


def test_the_answer_is_hidden_until_the_guess_and_then_told():
    page = opened(guess="true", layer="1", token="3")
    assert not page.get("plotly_chart") and not page.latex
    radio = next(r for r in page.radio if not (r.key or "").startswith("_quiz_"))
    assert list(radio.options) == ["attention", "FFN"]
    radio.set_value(radio.options[1])
    commit = translate("en", "common", "guess_commit")
    page = ran(next(b for b in page.button if b.label == commit).click())
    more = translate("en", "layer", moves.run(local_engine(), Request(TEXT)).more(1, 3))
    assert f"**{more}** moves *sat* more here" in written(page)
    assert page.get("plotly_chart")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["enc_ffn", "dec_cross", "dec_softmax"])
def test_a_part_of_the_transformer_is_explained(part, language):
    page = opened(language, part=part)
    one = paper.PARTS[part]
    assert translate(language, "layer", part) in written(page)
    first = sections("layer", language)[f"part-{one.text}"].body.split("{{")[0]
    assert first[:20] in written(page)


def test_the_sizes_of_the_paper_stand_beside_those_of_the_model():
    table = opened().table[-1].value
    assert [int(h) for h in table["H"]] == [512, 768, 384]


def test_nonsense_in_the_link_is_told_and_the_defaults_are_used():
    page = opened(station="<b>", token="99", coord="9999", neuron="-7", part="x", measure="y")
    assert "Multi-head attention" in written(page)
    assert sum("is not possible here" in c.value for c in page.caption) >= 5


def test_a_piece_with_markup_stays_text():
    page = opened(text="a <b> * ** [x](y)", token="2")
    assert "### Multi-head attention · \\< · coordinate 0" in written(page)
    assert "<b>" not in written(page)


def test_a_long_text_is_shown_through_a_window():
    page = opened(text="the man went to the store . " * 20)
    assert translate("en", "common", "window_from") in [s.label for s in page.slider]
