"""Ideas of later models tried on the learner's sentence: one real computation each."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import InsideBertError
from core.models.registry import EMBEDDED
from lessons.mlm.recipe import Draw
from lessons.scores import figures_more, ideas
from lessons.scores.ideas import Halving, HalvingRequest, MasksRequest, Replaced, ReplacedRequest
from lessons.scores.likelihood import check_length
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.using.scores_try import PLAIN

MARKS = {"mask": "mask", "random": "random", "keep": "keep", "not chosen": ""}
SEEDS = 999


def _can(page: LessonPage, check: Callable[[], Any]) -> bool:
    """False, with the reason said, for a text that this cannot be tried on."""
    try:
        check()
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return False
    return True


def _short(page: LessonPage) -> bool:
    return _can(page, lambda: check_length(page.engine, page.model, page.text))


def _seed(page: LessonPage) -> int:
    """The draw's number, in the link; the button takes the next."""
    seed = int(page.value("idea_seed", page.t("draw_again"),
                          [str(n) for n in range(1, SEEDS + 1)], "1"))
    st.button(page.t("draw_again"), icon=":material/casino:",
              on_click=lambda: page.put("idea_seed", str(seed % SEEDS + 1)))
    return seed


def masks(page: LessonPage) -> None:
    """RoBERTa: two draws of the recipe."""
    page.section("demo-roberta")
    if not _can(page, lambda: page.engine.tokenize(page.model, page.text)):
        return
    seed = _seed(page)
    draws: tuple[Draw, Draw] = page.run(
        ideas.masks, MasksRequest(page.text, seed, page.model), needs_model=False
    )
    for key, drawn in zip(("first_draw", "second_draw"), draws, strict=True):
        st.markdown(f"**{page.t(key)}**")
        ui.tokens(
            key, drawn.input_tokens, kinds=[MARKS[a] for a in drawn.action],
            sublabels=[page.t(f"mark_{a}") if c else ""
                       for a, c in zip(drawn.action, drawn.chosen, strict=True)],
            clickable=False, label=page.t("draw_label"),
        )
    first, second = draws
    both = sum(a and b for a, b in zip(first.chosen, second.chosen, strict=True))
    st.markdown(page.t("drawn_same", same=both, first=sum(first.chosen)))


def sharing(page: LessonPage) -> None:
    """ALBERT: parameters if all layers shared theirs."""
    found: ideas.Sharing = page.run(ideas.sharing, page.model, needs_model=False)
    page.section("demo-albert", layers=found.layers, layer=f"{found.layer:,}",
                 words=f"{found.words:,}")
    names = [page.t("plain", layers=found.layers), page.t("one_layer"),
             page.t("both", narrow=found.narrow)]
    st.plotly_chart(
        figures_more.numbers(names, [found.total, found.shared, found.both], page.theme),
        config=PLAIN, key="sharing", alt=page.t("sharing_alt"),
    )


def halving(page: LessonPage) -> None:
    """DistilBERT: the time of every second layer, and what is lost untaught."""
    if not _short(page):
        return
    found: Halving = page.run(ideas.halving, HalvingRequest(page.text, page.model))
    page.section(
        "demo-distilbert", hidden=ui.escape_markdown(found.encoded.tokens[found.place]),
        layers=found.layers, kept=len(found.kept), rounds=found.rounds,
    )
    which = ", ".join(str(layer + 1) for layer in found.kept)
    for column, title, seconds, (word, share) in zip(
        st.columns(2),
        (page.t("all_layers", count=found.layers),
         page.t("some_layers", count=len(found.kept), which=which)),
        (found.seconds, found.half_seconds), (found.word, found.half_word), strict=True,
    ):
        with column, st.container(border=True):
            st.metric(title, page.t("milliseconds", time=f"{1000 * seconds:.1f}"))
            st.markdown(page.t("guesses", word=ui.escape_markdown(word), share=percent(share)))
    st.markdown("##### " + page.t("faster", times=f"{found.faster:.2f}"))
    st.caption(page.t("timed") + (f" {page.t('ancestor')}" if page.model == EMBEDDED else ""))


def replaced(page: LessonPage) -> None:
    """ELECTRA: a piece replaced by a draw from the masked LM."""
    page.section("demo-electra")
    if not _short(page):
        return
    tokens = page.engine.tokenize(page.model, page.text).tokens
    options = [str(place) for place in range(1, len(tokens) - 1)]
    middle = options[len(options) // 2]
    place = int(page.value("replace", page.t("pick_piece"), options, middle))
    seed = _seed(page)
    st.markdown(f"**{page.t('before_it')}**")
    clicked = ui.tokens("electra_before", tokens, selected=[place], label=page.t("pick_piece"))
    if clicked is not None and 0 < clicked < len(tokens) - 1 and clicked != place:
        page.put("replace", str(clicked))
        st.rerun(scope="fragment")
    found: Replaced = page.run(
        ideas.replaced, ReplacedRequest(page.text, place, seed, page.model)
    )
    st.markdown(f"**{page.t('after_it')}**")
    low = float(found.log_p.min()) or -1.0
    depth = dict(zip(found.places, (found.log_p / low).tolist(), strict=True))
    ui.tokens(
        "electra_after", found.tokens, values=[depth.get(i, 0.0) for i in range(len(tokens))],
        kinds=["random" if i == found.place and not found.same else "" for i in range(len(tokens))],
        sublabels=[f"{depth[i] * low:.1f}".replace("-", "\u2212") if i in depth else ""
                   for i in range(len(tokens))],
        clickable=False, label=page.t("after_it"),
    )
    _verdict(page, found)
    page.prove(found.proof)


def _verdict(page: LessonPage, found: Replaced) -> None:
    original, drawn = (ui.escape_markdown(word) for word, _ in (found.original, found.drawn))
    said = {"original": original, "p_original": percent(found.original[1])}
    if found.same:
        st.markdown(page.t("drawn_equal", **said))
        return
    st.markdown(page.t("drawn_other", **said, drawn=drawn, p_drawn=percent(found.drawn[1])))
    piece = ui.escape_markdown(found.tokens[found.suspect])
    st.markdown(page.t("suspect_found") if found.found else page.t("suspect_missed", piece=piece))
