"""The parts of the masked-LM page, in the order in which they stand on it."""

import streamlit as st

from core.contract import MaskPrediction
from core.engine.answers import MASK
from core.training.masking import CHOSEN_RATE, MASK_SHARE, RANDOM_SHARE
from lessons.mlm import clicks, context, figures, recipe
from lessons.mlm.lesson import Request, Result, run, softmax_of
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.hiding import SHOWN, click_to_hide, without_masks
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}


def fill_the_blanks(page: LessonPage) -> None:
    """Click words to mask them; the model's words for each."""
    page.section("fill")
    encoded = click_to_hide(page)
    if MASK not in encoded.tokens:
        st.info(page.t("click_hint"), icon=":material/touch_app:")
        return
    top_k = page.control_integer("top_k", page.t("top_k"), 3, 25, Request.top_k)
    guess = page.guess(f"mask {page.text}", page.t("guess_question"), [])
    if guess is None:
        return
    result = page.run(run, Request(page.text, page.model, top_k))
    page.tell_cut(result.fill.encoded)
    for n, mask in enumerate(result.fill.masks[:6]):
        _one_mask(page, result, n, mask, guess if n == 0 else "")
    page.prove(result.proof)


def _one_mask(
    page: LessonPage, result: Result, n: int, mask: MaskPrediction, guess: str
) -> None:
    with st.container(border=True):
        st.markdown(f"**{page.t('mask_at', position=mask.position)}**")
        if guess:
            rank = mask.tokens.index(guess.lower()) + 1 if guess.lower() in mask.tokens else None
            said = ui.escape_markdown(guess)
            st.markdown(
                page.t("guess_ranked", guess=said, rank=rank) if rank
                else page.t("guess_not_listed", guess=said, k=len(mask.tokens))
            )
        st.plotly_chart(
            figures.words(mask.tokens, mask.probabilities, page.theme), config=PLAIN,
            key=f"mask_{n}", alt=page.t("mask_at", position=mask.position),
        )
        trace_link(page, "mlm_probability", reads="a", row=mask.position, word=mask.ids[0])
        with st.expander(page.t("from_logit")):
            _from_logit(page, result, n, mask)


def _from_logit(page: LessonPage, result: Result, n: int, mask: MaskPrediction) -> None:
    """The softmax over the vocabulary with its real terms."""
    steps = softmax_of(result, n)
    top = number(steps.top)
    st.markdown(page.t("say_logit", size=f"{page.info.vocabulary:,}", top=top))
    st.latex(rf"p = \frac{{e^{{{top} - ({top})}}}}{{\sum_w e^{{z_w - ({top})}}}}")
    st.latex(
        rf"= \frac{{{number(steps.exponentials[0])}}}{{{number(steps.total)}}}"
        rf" = \mathbf{{{number(mask.probabilities[0])}}}"
    )
    st.dataframe(
        {
            page.t("word"): mask.tokens,
            "z": mask.logits,
            "exp(z − max)": steps.exponentials,
            "p": mask.probabilities,
        },
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.4f")
                       for name in ("z", "exp(z − max)", "p")},
    )


@st.fragment
def both_sides(page: LessonPage) -> None:
    """The same blank from the left, from the right, from both, and from what the sliders leave."""
    page.section("context")
    if MASK not in page.text:
        st.caption(page.t("click_hint"))
        return
    left, right = context.sides(page.text)
    a, b = st.columns(2)
    with a:
        keep_left = page.control_integer("left", page.t("keep_left"), 0, len(left), len(left))
    with b:
        keep_right = page.control_integer("right", page.t("keep_right"), 0, len(right), len(right))
    views = (
        ("left_only", context.Request(page.text, page.model, None, 0)),
        ("right_only", context.Request(page.text, page.model, 0, None)),
        ("yours", context.Request(page.text, page.model, keep_left, keep_right)),
    )
    for column, (name, request) in zip(st.columns(3), views, strict=True):
        with column, st.container(border=True):
            result = page.run(context.run, request)
            st.markdown(f"**{page.t(name)}**")
            st.text(result.text[:300])
            st.plotly_chart(
                figures.words(result.words, result.probabilities, page.theme, full=True),
                config=PLAIN, key=f"context_{name}", alt=page.t(name),
            )


    words = clicks.hidden_words(page.text, without_masks(page)) or ("",)
    curve = page.run(context.curve, context.CurveRequest(page.text, words[0], page.model))
    st.markdown(page.t("curve", word=ui.escape_markdown(curve.word)))
    labels = ("left_only", "right_only", "both", "kept")
    st.plotly_chart(
        figures.context_curve(curve, [page.t(k) for k in labels], page.theme), config=PLAIN,
        key="context_curve", alt=page.t("curve_alt"),
    )


def _roll_again() -> None:
    st.session_state["seed"] = int(st.session_state.get("seed") or 1) % 999 + 1


@st.fragment
def recipe_rolled(page: LessonPage) -> None:
    """15 % chosen; 80/10/10; the loss of this very draw."""
    page.section(
        "recipe", chosen=f"{CHOSEN_RATE:.0%}", mask=f"{MASK_SHARE:.0%}",
        random=f"{RANDOM_SHARE:.0%}", keep=f"{1 - MASK_SHARE - RANDOM_SHARE:.0%}",
    )
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        seed = page.control_integer("seed", page.t("seed"), 1, 999, 1)
    right.button(page.t("roll"), icon=":material/casino:", on_click=_roll_again, width="stretch")
    request = recipe.Request(without_masks(page), seed, page.model)
    result = page.run(recipe.run, request)
    rolled = result.draw
    kinds = {"mask": "mask", "random": "random", "keep": "keep", "not chosen": ""}
    ui.tokens(
        "rolled", rolled.input_tokens[:SHOWN], clickable=False, label=page.t("input_label"),
        kinds=[kinds[a] for a in rolled.action[:SHOWN]],
        sublabels=[
            (rolled.encoded.tokens[i] if rolled.chosen[i] else "·")
            for i in range(min(SHOWN, len(rolled.chosen)))
        ],
    )
    st.caption(page.t("label_note"))
    chosen = [i for i, c in enumerate(rolled.chosen) if c]
    if not chosen:
        st.info(page.t("nothing_to_choose"), icon=":material/info:")
        return
    st.table(
        {
            page.t("place"): [str(i) for i in chosen],
            page.t("label"): [f"`{_code(rolled.encoded.tokens[i])}`" for i in chosen],
            page.t("action"): [page.t(f"action_{rolled.action[i]}") for i in chosen],
            page.t("model_reads"): [f"`{_code(rolled.input_tokens[i])}`" for i in chosen],
            page.t("p_label"): [percent(float(result.probability[i])) for i in chosen],
            "−ln p": [number(float(result.losses[i])) for i in chosen],
        }
    )
    a, b = st.columns(2)
    a.metric(page.t("loss", n=len(chosen)), number(result.loss))
    b.metric(page.t("loss_others"), number(result.unchosen_loss), help=page.t("loss_others_help"))
    many = recipe.shares(page.engine, request)
    st.caption(
        page.t("many", draws=many.draws, chosen=percent(many.chosen), mask=percent(many.mask),
               random=percent(many.random), keep=percent(many.keep))
    )
    page.prove(result.proof)


def _code(text: str) -> str:
    return text.replace("`", "ˋ").replace("|", "¦")
