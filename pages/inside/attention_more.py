"""Below the learner's own head: one word in two sentences, and the textbook's example."""

import numpy as np
import streamlit as st

from core.errors import InsideBertError
from lessons.attention import compare, figures
from lessons.attention.classic import D_K, DOT_PRODUCTS, TEXT, WORDS, Classic, classic
from lessons.attention.lesson import Request, Result, run
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
WATCHED = ("animal", "street")


@st.fragment
def two_sentences(page: LessonPage) -> None:
    """One word in two sentences, over all heads."""
    page.section("compare")
    request = _compared(page)
    try:
        compare.places(page.engine, request)
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    result = page.run(compare.run, request)
    ranked = result.ranked()
    most, least = ranked[0], ranked[-1]
    page.prose(
        "compare-result", word=ui.escape_markdown(request.word),
        all=len(ranked), noticeable=result.noticeable,
        threshold=percent(compare.NOTICEABLE),
        most=page.t("layer_head", layer=most[0], head=most[1]),
        most_moved=percent(float(result.moved[most])),
        least=page.t("layer_head", layer=least[0], head=least[1]),
        least_moved=percent(float(result.moved[least])),
        average=percent(float(result.moved.mean())),
    )
    pair = _watched(page, result)
    shown = _map(page, result, pair, most)
    _rows(page, result, shown)
    _ranking(page, result, pair)
    page.prose("compare-caution")


def _compared(page: LessonPage) -> compare.Request:
    standard = compare.Request()
    left, right = st.columns(2)
    with left:
        first = page.control_line("cmp_a", page.t("compare_first"), standard.text)
    with right:
        second = page.control_line("cmp_b", page.t("compare_second"), standard.other)
    word = page.control_line("cmp_word", page.t("compare_word"), standard.word)
    return compare.Request(first, second, word, page.model)


def _watched(page: LessonPage, result: compare.Result) -> tuple[int, int]:
    """Two shared pieces whose weights are followed, with what happened to them."""
    names = result.names()
    chosen = []
    for column, key, piece, other in zip(
        st.columns(2), ("cmp_from", "cmp_to"), WATCHED, (1, 2), strict=True
    ):
        default = next(
            (n for n in names if n.split(" ", 1)[1] == piece), names[min(other, len(names) - 1)]
        )
        with column:
            chosen.append(page.control_choice(key, page.t(key), names, default))
    loser, gainer = (names.index(n) for n in chosen)
    shift = compare.shift(result, loser, gainer)
    from_name, to_name = (ui.escape_markdown(n.split(" ", 1)[1]) for n in chosen)
    heads = result.moved.size
    page.prose(
        "compare-watched", points=percent(compare.NOTICEABLE_FOR_ONE), all=heads,
        loser=from_name, gainer=to_name, loser_more=shift.more[0], loser_less=shift.less[0],
        gainer_more=shift.more[1], gainer_less=shift.less[1], along=shift.along,
        quarter=f"{heads / 4:g}",
    )
    return loser, gainer


def _map(
    page: LessonPage, result: compare.Result, pair: tuple[int, int], most: tuple[int, int]
) -> tuple[int, int]:
    """Layers x heads; a click chooses the head that is drawn below."""
    layers, heads = result.moved.shape
    names = result.names()
    labels = {"moved": page.t("map_moved"),
              "loser": page.t("map_change", piece=names[pair[0]]),
              "gainer": page.t("map_change", piece=names[pair[1]])}
    kind = page.control_choice("cmp_map", page.t("map"), list(labels), "moved", labels.__getitem__)
    shown = (
        int(page.value("cmp_layer", page.t("layer"), [str(n) for n in range(layers)],
                       str(most[0]))),
        int(page.value("cmp_head", page.t("head"), [str(n) for n in range(heads)],
                       str(most[1]))),
    )
    values = result.moved if kind == "moved" else result.change(pair[kind == "gainer"])
    clicked = ui.heat(
        f"map_{kind}", values, [f"{page.t('layer')} {n}" for n in range(layers)],
        [str(n) for n in range(heads)], selected=shown, label=labels[kind], row_height=34,
        cell=74, scale="sequential" if kind == "moved" else "diverging",
        domain=(0.0, float(values.max())) if kind == "moved" else None,
    )
    if clicked:
        page.put("cmp_layer", str(clicked[0]))
        page.put("cmp_head", str(clicked[1]))
        st.rerun(scope="fragment")
    return shown


def _rows(page: LessonPage, result: compare.Result, shown: tuple[int, int]) -> None:
    where = page.t("layer_head", layer=shown[0], head=shown[1])
    st.markdown(f"**{page.t('compare_row', where=where)}**")
    same = [{i for i, _ in result.shared}, {j for _, j in result.shared}]
    labels = [
        f"{n}: " + (" ".join(t for i, t in enumerate(tokens) if i not in kept)[:40] or "=")
        for n, (tokens, kept) in enumerate(
            zip((result.tokens, result.other_tokens), same, strict=True), 1
        )
    ]
    st.plotly_chart(
        figures.two_softmaxes(result.first[shown], result.second[shown], result.names(),
                              (labels[0], labels[1]), page.theme),
        config=PLAIN, key="compared", alt=page.t("compare_alt"),
    )


def _ranking(page: LessonPage, result: compare.Result, pair: tuple[int, int]) -> None:
    """Every head, most changed first."""
    with st.expander(page.t("ranking")):
        order = result.ranked()
        at = tuple(np.array(order).T)  # (2, L * A) as an index
        columns: dict[str, object] = {
            page.t("layer"): at[0], page.t("head"): at[1], page.t("map_moved"): result.moved[at],
        }
        for m in dict.fromkeys(pair):
            name = result.names()[m]
            columns[f"{name} (1)"] = result.first[..., m][at]
            columns[f"{name} (2)"] = result.second[..., m][at]
        shares = st.column_config.NumberColumn(format="percent")
        st.dataframe(columns, hide_index=True,
                     column_config=dict.fromkeys(list(columns)[2:], shares))


@st.fragment
def textbook(page: LessonPage) -> None:
    """112 and 96, the example everybody has seen, computed again beside the model's numbers."""
    example = classic()
    page.section("classic", d_k=D_K, first=f"{DOT_PRODUCTS[0]:.0f}",
                 second=f"{DOT_PRODUCTS[1]:.0f}")
    left, right = st.columns(2)
    with left, st.container(border=True):
        st.markdown(f":material/menu_book: **{page.t('classic_book')}**")
        _book(example)
    with right, st.container(border=True):
        st.markdown(f":material/memory: **{page.t('classic_model')}**")
        _model(page)
    page.prose("classic-after", d_k=D_K, model_d_k=page.info.d_k)


def _book(example: Classic) -> None:
    for word, score, scaled, grown, weight in zip(
        WORDS, example.scores, example.scaled, example.exponentials, example.weights, strict=True
    ):
        st.latex(
            rf"\begin{{aligned}} \text{{{word}}}:\quad \frac{{{score:.0f}}}{{\sqrt{{{D_K}}}}}"
            rf" &= \frac{{{score:.0f}}}{{{example.root:.0f}}} = {scaled:.0f} \\"
            rf"\frac{{e^{{{scaled:.0f}-{example.top:.0f}}}}}"
            rf"{{{' + '.join(f'{e:.4f}' for e in example.exponentials)}}}"
            rf" &= \frac{{{grown:.4f}}}{{{sum(example.exponentials):.4f}}}"
            rf" = \mathbf{{{weight:.2f}}} \end{{aligned}}"
        )
    st.latex(rf"z_1 = {example.weights[0]:.2f}\,v_1 + {example.weights[1]:.2f}\,v_2")


def _model(page: LessonPage) -> None:
    info = page.info
    layer = page.control_integer("cl_layer", page.t("layer"), 0, info.layers - 1, 0)
    head = page.control_integer("cl_head", page.t("head"), 0, info.heads - 1, 0)
    result: Result = page.run(run, Request(TEXT, "", page.model, layer, head))
    root = number(float(np.sqrt(result.d_k)))
    i = 1  # the piece after [CLS]
    st.caption(page.t("classic_row", piece=result.encoded.tokens[i], d_k=result.d_k, root=root))
    st.table({
        page.t("piece"): [ui.escape_markdown(t) for t in result.encoded.tokens],
        "q · k": [number(float(s)) for s in result.scores[i]],
        page.t("show_scaled"): [number(float(s)) for s in result.scaled[i]],
        page.t("show_weights"): [number(float(w)) for w in result.weights[i]],
    })
    mixture = " + ".join(
        rf"{w:.2f}\,v_{{{j}}}" for j, w in enumerate(result.weights[i])
    )
    st.latex(rf"z_{{{i}}} = {mixture}")
