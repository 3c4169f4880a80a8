"""The parts of the next-sentence page, in the order in which they stand on it."""

import streamlit as st

from lessons.embeddings.lesson import colour_extent
from lessons.nsp import builder, figures
from lessons.nsp.lesson import IS_NEXT, NOT_NEXT, Request, Result, points_between, run
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}
SHOWN = 120
NAMES = ("is_next", "not_next")
ORDERS = ("order_ab", "order_ba")
FIRST_SEED = 3  # draws as many true pairs as false ones from the sample text


def swap_button(page: LessonPage) -> None:
    """A becomes B and B becomes A."""
    if st.button(page.t("swap"), icon=":material/swap_horiz:"):
        page.set_text(page.text_b, page.text)


def verdict(page: LessonPage, result: Result) -> bool:
    """The pieces and P(IsNext); False while the learner has still to guess."""
    encoded = result.encoded
    if len(encoded) > SHOWN:
        st.caption(page.t("more_pieces", shown=SHOWN, n=len(encoded)))
    ui.tokens(
        "pair", encoded.tokens[:SHOWN], clickable=False, label=page.t("pieces_label"),
        kinds=["b" if segment else "" for segment in encoded.segments[:SHOWN]],
        sublabels=[str(segment) for segment in encoded.segments[:SHOWN]],
    )
    labels = tuple(page.t(name) for name in NAMES)
    guess = page.guess("nsp", page.t("guess_question"), list(labels))
    if guess is None:
        return False
    if guess:
        models = labels[IS_NEXT if result.is_next >= 0.5 else NOT_NEXT]
        st.markdown(page.t("your_guess", mine=ui.escape_markdown(guess),
                           models=ui.escape_markdown(models)))
    st.plotly_chart(
        figures.verdict(result.is_next, (labels[0], labels[1]), page.theme), config=PLAIN,
        key="verdict", alt=page.t("verdict_alt"),
    )
    return True


def path_to_logits(page: LessonPage, result: Result) -> None:
    """x_[CLS], C, the two sums, their softmax: four cards with the real numbers."""
    page.section("path", layers=page.info.layers, hidden=page.info.hidden)
    steps = (
        ("hidden", _step_hidden), ("pooled", _step_pooled),
        ("logits", _step_logits), ("softmax", _step_softmax),
    )
    for n, (name, draw) in enumerate(steps, 1):
        with st.container(border=True):
            st.markdown(f"**{n}. {page.t(f'step_{name}')}**")
            draw(page, result)
    trace_link(page, "nsp_probability", column=IS_NEXT)


def _step_hidden(page: LessonPage, result: Result) -> None:
    extent = colour_extent(result.hidden)
    ui.heat("x_cls", result.hidden[None], [page.t("hidden_row")], scale="diverging",
            domain=(-extent, extent), row_height=34, selectable=False,
            label=page.t("hidden_label"))


def _step_pooled(page: LessonPage, result: Result) -> None:
    st.latex(r"C = \tanh(W_p\,x_{\text{[CLS]}} + b_p)")
    ui.heat("pooled", result.pooled[None], [page.t("pooled_row")], scale="diverging",
            row_height=34, selectable=False, label=page.t("pooled_label"))
    low, high = float(result.pooled.min()), float(result.pooled.max())
    st.caption(page.t("say_pooled", hidden=len(result.pooled), low=number(low), high=number(high)))


def _step_logits(page: LessonPage, result: Result) -> None:
    st.latex(r"z = W_{\text{nsp}}\,C + b")
    hidden = len(result.pooled)
    st.markdown(page.t("say_logits", hidden=hidden, shown=figures.SHOWN_TERMS))
    names = (
        page.t("rest", n=hidden - figures.SHOWN_TERMS), page.t("bias"), page.t("logit")
    )
    for row, column in zip(figures.ROWS, st.columns(2), strict=True):
        with column:
            name = page.t(NAMES[row])
            st.markdown(f"**{name}**")
            st.plotly_chart(figures.contributions(result, row, names, page.theme), config=PLAIN,
                            key=f"logit_{row}", alt=page.t("logit_alt", name=name))


def _step_softmax(page: LessonPage, result: Result) -> None:
    z_0, z_1 = (number(float(z)) for z in result.logits)
    st.latex(r"P(\text{IsNext}) = \frac{e^{z_0}}{e^{z_0} + e^{z_1}}")
    st.latex(
        rf"= \frac{{e^{{{z_0}}}}}{{e^{{{z_0}}} + e^{{{z_1}}}}}"
        rf" = \mathbf{{{number(result.is_next)}}}"
    )


def turned_round(page: LessonPage, result: Result) -> None:
    """P(IsNext) of the pair and of the pair turned round."""
    page.section("order")
    turned = page.run(run, Request(page.text_b, page.text, page.model))
    for column, name, shown in zip(st.columns(2), ORDERS, (result, turned), strict=True):
        column.metric(page.t(name), percent(shown.is_next), help=page.t("order_help"), border=True)
    change = f"{points_between(result, turned):+.1f}".replace("-", "\u2212")
    st.markdown(page.t("order_drop", change=change))
    page.prose("order-why")


def _roll_again() -> None:
    st.session_state["pair_seed"] = int(st.session_state.get("pair_seed") or FIRST_SEED) % 999 + 1


@st.fragment
def pair_builder(page: LessonPage) -> None:
    """The learner's documents as training pairs, and the model's judgement of each."""
    page.section("builder")
    text = page.control_paragraphs("docs", page.t("documents"), builder.sample_text())
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    with left:
        seed = page.control_integer("pair_seed", page.t("seed"), 1, 999, FIRST_SEED)
    with middle:
        count = page.control_integer("pairs", page.t("count"), 4, 24, 8)
    right.button(page.t("roll"), icon=":material/casino:", on_click=_roll_again, width="stretch",
                 key="_roll_pairs")
    result = page.run(builder.run, builder.Request(text, seed, count, page.model))
    left, right = st.columns(2)
    left.metric(page.t("accuracy"), percent(result.accuracy), border=True)
    right.metric(page.t("true_share"), percent(result.true_share), border=True,
                 help=page.t("true_share_help"))
    with st.container(height=560, border=False, key="pair_cards"):
        for row in result.rows:
            _pair_card(page, row)
    st.caption(page.t("from_documents", pairs=len(result.rows), documents=result.documents,
                      limit=builder.MAX_LENGTH))


def _pair_card(page: LessonPage, row: builder.Row) -> None:
    label = page.t(NAMES[IS_NEXT if row.is_true else NOT_NEXT])
    mark = ":green[:material/check:]" if row.right else ":red[:material/close:]"
    with st.container(border=True):
        a, b, said = st.columns([5, 5, 3])
        a.markdown(f"**A** {ui.escape_markdown(row.a)}")
        b.markdown(f"**B** {ui.escape_markdown(row.b)}")
        said.markdown(f"{page.t('label')}: **{label}**")
        said.markdown(f"P(IsNext): **{percent(row.is_next)}** {mark} "
                      f"{page.t('right' if row.right else 'wrong')}")
