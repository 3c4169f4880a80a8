"""The picture of all heads, the heads worth opening, and the numbers beside an opened one."""

import numpy as np
import streamlit as st

from lessons.theme import number, percent
from lessons.views import figures
from lessons.views.lesson import Result
from lessons.views.opened import Opening, opened
from lessons.views.shares import KINDS
from lessons.views.tour import Find
from pages import ui
from pages.ui import LessonPage, state
from pages.ui.components.attention_state import View
from pages.ui.components.attention_view import WINDOW, Block, Pane
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}


def jumps(page: LessonPage, result: Result) -> None:
    """One pill for each head that does something simple; a click opens it."""
    finds = {find.name: find for find in result.finds}

    def go() -> None:
        find = finds.get(st.session_state.get("_jump", ""))
        if find:
            for name, value in (("layer", find.layer), ("head", find.head)):
                page.put(name, str(value))
            if state.kept("view", "grid") == "grid":
                page.put("view", "lines")
            st.session_state["_jump"] = None

    st.pills(page.t("jumps"), list(finds), key="_jump", on_change=go,
             format_func=lambda name: _said(page, finds[name]))


def _said(page: LessonPage, find: Find) -> str:
    value = f"{find.value:.1f}" if find.name == "broad" else percent(find.value)
    return page.t(f"find_{find.name}", layer=find.layer, head=find.head, value=value)


def all_heads(page: LessonPage, result: Result) -> View:
    """The component over the learner's text."""
    tokens = result.encoded.tokens
    start, _ = page.window(len(tokens), WINDOW) if result.pool > 1 else (0, 0)
    if result.pool > 1:
        st.caption(page.t("pooled", pool=result.pool))
    block = Block(result.grid, tokens, result.encoded.segments, result.kinds, result.pool,
                  start=start)
    return ui.attention_view(page, "views_all", [block], lambda pane: exact(page, pane))


def exact(page: LessonPage, pane: Pane) -> np.ndarray:
    """The weights of an opened head, float32[n, n]."""
    weights: np.ndarray = page.run(
        opened, Opening(page.text, page.text_b, page.model, pane.layer, pane.head)
    )
    return weights


def beside(page: LessonPage, result: Result, view: View) -> None:
    """What is pinned, exactly; and where the opened head's attention goes, beside all heads."""
    if view.show == "grid":
        st.caption(page.t("open_one"))
        return
    _pinned(page, result, view)
    every = result.to_kind.mean(axis=(0, 1))
    heads = result.to_kind.shape[1]
    of_layer = result.to_kind[view.layer]
    mine = of_layer.mean(0) if view.head == heads else of_layer[view.head]
    st.markdown(f"**{page.t('lands', where=_where(page, view, heads))}**")
    for column, kind in zip(st.columns(len(KINDS)), range(len(KINDS)), strict=True):
        column.metric(page.t(f"kind_{KINDS[kind]}"), percent(float(mine[kind])),
                      page.t("all_heads_share", share=percent(float(every[kind]))),
                      delta_color="off", delta_arrow="off")


def _where(page: LessonPage, view: View, heads: int) -> str:
    if view.head == heads:
        return page.t("layer_average", layer=view.layer)
    return page.t("layer_head", layer=view.layer, head=view.head)


def _pinned(page: LessonPage, result: Result, view: View) -> None:
    """The exact number of a pinned link, and the way to its factors."""
    q, k = view.pin or (None, None)
    if q is None or k is None:
        return
    heads = result.to_kind.shape[1]
    weight = float(exact(page, Pane(0, view.layer, view.head))[q, k])
    tokens = [ui.escape_markdown(result.encoded.tokens[i]) for i in (q, k)]
    with st.container(border=True):
        st.markdown(page.t("pinned", query=tokens[0], key=tokens[1], weight=number(weight),
                           where=_where(page, view, heads)))
        links = st.session_state.get("_pages", {})
        if view.head < heads and "attention" in links:
            st.page_link(
                links["attention"], label=page.t("follow"), icon=":material/account_tree:",
                query_params={**state.carried(), "layer": str(view.layer),
                              "head": str(view.head), "q": str(q), "k": str(k)},
            )
        if view.head < heads:
            trace_link(page, "weight", layer=view.layer, head=view.head, row=q, column=k)


def guessed(page: LessonPage, result: Result) -> bool:
    """Ask how much attention lands on no word at all; False until the learner commits."""
    share = float(result.to_kind[..., :3].sum(-1).mean())
    bounds = (0.2, 0.4, 0.6, 1.0)
    options = [page.t(f"guess_{n}") for n in range(len(bounds))]
    guess = page.guess("views", page.t("guess_question"), options)
    if guess:
        right = next(n for n, bound in enumerate(bounds) if share <= bound)
        box = st.success if options.index(guess) == right else st.info
        box(page.t("guess_answer", share=percent(share)))
    return guess is not None


def landing(page: LessonPage, result: Result) -> None:
    """Where attention goes, layer by layer, and across the sentences of a pair."""
    shares = result.to_kind.mean(axis=(0, 1))
    page.section("landing", cls=percent(float(shares[0])), sep=percent(float(shares[1])),
                 punctuation=percent(float(shares[2])), words=percent(float(shares[3])))
    st.plotly_chart(
        figures.landing(result.to_kind, [page.t(f"kind_{k}") for k in KINDS], page.t("layer"),
                        page.theme),
        config=PLAIN, key="landing", alt=page.t("landing_alt"),
    )
    if result.between is None:
        page.prose("no-pair")
        return
    across = result.between.mean(axis=(0, 1))  # (2, 2)
    most = np.unravel_index(
        (result.between[..., 0, 1] + result.between[..., 1, 0]).argmax(),
        result.between.shape[:2],
    )
    page.prose(
        "pair", **{f"{a}{b}": percent(float(across[i, j])) for i, a in enumerate("ab")
                   for j, b in enumerate("ab")},
        where=page.t("layer_head", layer=int(most[0]), head=int(most[1])),
    )
