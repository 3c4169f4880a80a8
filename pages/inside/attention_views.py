"""The parts of the self-attention page, in the order in which they stand on it."""

import inspect

import numpy as np
import streamlit as st

from lessons.attention import compare, figures
from lessons.attention.classic import D_K, WORDS, classic
from lessons.attention.lesson import Result, attention_by_hand
from lessons.attention.story import Story, follow, row_softmax, sharpness
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
STAGES = ("scores", "scaled", "weights")


def choose_head(page: LessonPage, overview: np.ndarray, window: int) -> tuple[int, int]:
    """All heads as thumbnails; a click, the sliders or the URL choose one."""
    layers, heads = overview.shape[:2]
    encoded = page.engine.tokenize(page.model, page.text, page.text_b or None)
    chosen = (
        page.peek_integer("layer", page.t("layer"), 0, layers - 1, 0),
        page.peek_integer("head", page.t("head"), 0, heads - 1, 0),
    )
    hidden = st.session_state.get("guess") and not st.session_state.get("_seen_heads")
    if not hidden:
        st.caption(page.t("overview", layers=layers, heads=heads, all=layers * heads))
        clicked = ui.head_grid(
            "overview", overview[:, :, :window, :window], encoded.tokens[:window],
            selected=chosen, label=page.t("overview_label"),
        )
        if clicked:
            st.session_state["layer"], st.session_state["head"] = clicked
            st.rerun(scope="fragment")
    left, right = st.columns(2)
    with left:
        layer = page.control_integer("layer", page.t("layer"), 0, layers - 1, 0)
    with right:
        head = page.control_integer("head", page.t("head"), 0, heads - 1, 0)
    return layer, head


def _names(result: Result) -> list[str]:
    return [f"{i} {t}" for i, t in enumerate(result.encoded.tokens)]


def _place(page: LessonPage, key: str, label: str, result: Result, default: int) -> int:
    names = _names(result)
    options = [str(i) for i in range(len(names))]
    return int(page.control_choice(key, label, options, str(default), lambda i: names[int(i)]))


def matrix(
    page: LessonPage, result: Result, start: int, stop: int
) -> tuple[int | None, int]:
    """The n x n picture; returns query piece and key piece, or None until a guess is made."""
    page.section("matrix")
    names = _names(result)
    last = len(names) - 1
    places = [str(at) for at in range(len(names))]
    i = int(page.peek_choice("q", page.t("query_piece"), places, str(min(2, last))))
    j = int(page.peek_choice("k", page.t("key_piece"), places, str(min(1, last))))
    guess = page.guess(
        f"attention {result.layer} {result.head}",
        page.t("guess_question", piece=ui.escape_markdown(names[i])), names[start:stop],
    )
    if guess is None:
        return None, j
    if guess:
        top = int(result.weights[i].argmax())
        mine = names.index(guess)
        left, right = st.columns(2)
        left.metric(page.t("guess_yours"), guess, percent(float(result.weights[i, mine])),
                    delta_color="off", delta_arrow="off")
        right.metric(page.t("guess_models"), names[top], percent(float(result.weights[i, top])),
                     delta_color="off", delta_arrow="off")
    stage = page.control_choice(
        "show", page.t("show"), list(STAGES), "weights", lambda s: page.t(f"show_{s}")
    )
    values = getattr(result, stage)[start:stop, start:stop]
    clicked = ui.heat(
        f"matrix_{stage}", values, names[start:stop], names[start:stop],
        scale="sequential" if stage == "weights" else "diverging",
        domain=(0.0, float(values.max())) if stage == "weights" else None,
        selected=(i - start, j - start) if start <= i < stop and start <= j < stop else None,
        label=page.t("matrix_label"), shown=result.allowed[start:stop, start:stop], cell=62,
    )
    if clicked:
        st.session_state["q"], st.session_state["k"] = (str(c + start) for c in clicked)
        st.rerun(scope="fragment")
    left, right = st.columns(2)
    with left:
        i = _place(page, "q", page.t("query_piece"), result, min(2, last))
    with right:
        j = _place(page, "k", page.t("key_piece"), result, min(1, last))
    return i, j


def vectors(page: LessonPage, result: Result, start: int, stop: int) -> None:
    """q, k, v and z of the head as bands."""
    page.section("vectors", d_k=result.d_k, hidden=result.x.shape[1])
    names = _names(result)[start:stop]
    for pair in (("q", "k"), ("v", "z")):
        for column, name in zip(st.columns(2), pair, strict=True):
            with column:
                st.markdown(f"**{page.t(f'vector_{name}')}**")
                ui.heat(
                    f"vector_{name}", getattr(result, name)[start:stop], names, scale="diverging",
                    row_height=18, cell=18, selectable=False, label=page.t(f"vector_{name}"),
                )


def one_number(page: LessonPage, result: Result, i: int, j: int) -> None:
    """From x to q, from q and k to the score, to the weight, to one coordinate of z."""
    page.section("story")
    c = page.control_integer("dim", page.t("dimension"), 0, result.d_k - 1, 0)
    story = follow(result, i, j, c)
    tokens = [ui.escape_markdown(t) for t in result.encoded.tokens]
    names = _names(result)
    steps = (
        ("q", lambda: _step_q(page, story, tokens)),
        ("score", lambda: _step_score(page, result, story, tokens)),
        ("softmax", lambda: _step_softmax(page, result, story, names)),
        ("z", lambda: _step_z(page, story, names)),
    )
    for n, (key, draw) in enumerate(steps, 1):
        with st.container(border=True):
            st.markdown(f"**{n}. {page.t(f'step_{key}')}**")
            draw()


def _step_q(page: LessonPage, story: Story, tokens: list[str]) -> None:
    st.markdown(page.t("say_q", piece=tokens[story.i], c=story.c, size=len(story.inputs)))
    st.latex(
        rf"q_{{{story.i},{story.c}}} = \sum_{{d}} x_{{{story.i},d}}\,W^Q_{{{story.c},d}} + b"
        rf" = {number(story.q - story.bias)} + ({number(story.bias)})"
        rf" = \mathbf{{{number(story.q)}}}"
    )
    st.plotly_chart(figures.largest_inputs(story, page.theme), config=PLAIN, key="inputs",
                    alt=page.t("step_q"))


def _step_score(page: LessonPage, result: Result, story: Story, tokens: list[str]) -> None:
    st.markdown(page.t("say_score", query=tokens[story.i], key=tokens[story.j], d_k=result.d_k))
    st.plotly_chart(figures.products(story, page.theme), config=PLAIN, key="products",
                    alt=page.t("step_score"))
    st.latex(
        rf"\frac{{q_{{{story.i}}}\cdot k_{{{story.j}}}}}{{\sqrt{{{result.d_k}}}}} ="
        rf"\frac{{{number(story.score)}}}{{{number(float(np.sqrt(result.d_k)))}}}"
        rf" = \mathbf{{{number(story.scaled)}}}"
    )


def _step_softmax(page: LessonPage, result: Result, story: Story, names: list[str]) -> None:
    if not result.allowed[story.i, story.j]:
        st.markdown(page.t("say_masked"))
        return
    top = number(float(result.scaled[story.i][result.allowed[story.i]].max()))
    st.markdown(page.t("say_softmax", top=top))
    st.latex(
        rf"\frac{{e^{{{number(story.scaled)} - ({top})}}}}"
        rf"{{\sum_m e^{{s_m - ({top})}}}} ="
        rf"\frac{{{number(float(story.exponentials[story.j]))}}}{{{number(story.total)}}}"
        rf" = \mathbf{{{number(story.weight)}}}"
    )
    with st.expander(page.t("all_terms")):
        st.dataframe(
            {
                page.t("piece"): names,
                page.t("show_scaled"): result.scaled[story.i],
                "exp": story.exponentials,
                page.t("show_weights"): result.weights[story.i],
            },
            hide_index=True,
        )


def _step_z(page: LessonPage, story: Story, names: list[str]) -> None:
    st.markdown(page.t("say_z", c=story.c))
    st.plotly_chart(figures.terms(story, names, page.theme), config=PLAIN, key="terms",
                    alt=page.t("step_z"))
    st.latex(
        rf"z_{{{story.i},{story.c}}} = \sum_j w_{{{story.i},j}}\,v_{{j,{story.c}}}"
        rf" = \mathbf{{{number(story.z)}}}"
    )


def why_root(page: LessonPage, result: Result, i: int) -> None:
    """The same row through softmax without and with the division."""
    facts = sharpness(result)
    page.section(
        "root", d_k=result.d_k,
        raw_variance=f"{facts.raw_variance:.1f}", scaled_variance=f"{facts.scaled_variance:.2f}",
        raw_peak=percent(facts.raw_peak), scaled_peak=percent(facts.scaled_peak),
        raw_entropy=f"{facts.raw_entropy:.2f}", scaled_entropy=f"{facts.scaled_entropy:.2f}",
    )
    before, after = row_softmax(result, i)
    st.plotly_chart(
        figures.two_softmaxes(before, after, _names(result),
                              (page.t("without"), page.t("with")), page.theme),
        config=PLAIN, key="softmaxes", alt=page.t("root_alt"),
    )


def source_code(page: LessonPage) -> None:
    with st.expander(page.t("code"), icon=":material/code:"):
        st.code(inspect.getsource(attention_by_hand), language="python")


@st.fragment
def two_sentences(page: LessonPage) -> None:
    """One word in two sentences, over all heads."""
    page.section("compare")
    standard = compare.Request()
    first = page.control_line("cmp_a", page.t("compare_first"), standard.text)
    second = page.control_line("cmp_b", page.t("compare_second"), standard.other)
    word = page.control_line("cmp_word", page.t("compare_word"), standard.word)
    result = page.run(compare.run, compare.Request(first, second, word, page.model))
    ranked = result.ranked()
    most, least = ranked[0], ranked[-1]
    page.prose(
        "compare-result", all=len(ranked), noticeable=result.noticeable,
        threshold=percent(compare.NOTICEABLE),
        most=page.t("layer_head", layer=most[0], head=most[1]),
        most_moved=percent(float(result.moved[most])),
        least=page.t("layer_head", layer=least[0], head=least[1]),
        least_moved=percent(float(result.moved[least])),
        average=percent(float(result.moved.mean())),
    )
    shown = st.session_state.get("_compared") or most
    shown = shown if shown[0] < result.moved.shape[0] and shown[1] < result.moved.shape[1] else most
    layers, heads = result.moved.shape
    clicked = ui.heat(
        "moved", result.moved, [f"{page.t('layer')} {n}" for n in range(layers)],
        [str(n) for n in range(heads)], domain=(0.0, float(result.moved.max())), selected=shown,
        label=page.t("moved_label"), row_height=30,
    )
    if clicked:
        st.session_state["_compared"] = clicked
        st.rerun(scope="fragment")
    st.markdown(f"**{page.t('layer_head', layer=shown[0], head=shown[1])}**")
    names = [f"{i} {result.tokens[i]}" for i in result.shared]
    labels = tuple(
        " / ".join(t for i, t in enumerate(tokens) if i not in result.shared)[:40] or "="
        for tokens in (result.tokens, result.other_tokens)
    )
    st.plotly_chart(
        figures.compared_rows(result.first[shown], result.second[shown], names,
                              (labels[0], labels[1]), page.theme),
        config=PLAIN, key="compared", alt=page.t("compare_alt"),
    )


def textbook(page: LessonPage) -> None:
    """112 and 96: the example everybody has seen, computed again."""
    example = classic()
    page.section("classic", d_k=D_K)
    for column, word, score, scaled, weight in zip(
        st.columns(2), WORDS, example.scores, example.scaled, example.weights, strict=True
    ):
        with column, st.container(border=True):
            st.markdown(f"**{word}**")
            st.latex(rf"\frac{{{score:.0f}}}{{\sqrt{{{D_K}}}}} = \frac{{{score:.0f}}}"
                     rf"{{{example.root:.0f}}} = {scaled:.0f}")
            st.latex(rf"\text{{softmax}} = \mathbf{{{weight:.2f}}}")
    st.latex(rf"z_1 = {example.weights[0]:.2f}\,v_1 + {example.weights[1]:.2f}\,v_2")
    page.prose("classic-after")
