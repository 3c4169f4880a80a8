"""A tweet of the learner's own: how it is read, and how it moves a day's prediction."""

import streamlit as st

from core.models.registry import EMBEDDED
from lessons.stocks import figures_learned, whatif
from lessons.stocks import tweet as reading
from lessons.theme import number, percent
from pages import ui
from pages.capstone.stocks_day import Day
from pages.capstone.stocks_table import name_of
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
PIECES = 48


def tweet(page: LessonPage, day: Day) -> None:
    """Read by the tweet head, then put among the texts of the chosen day."""
    page.section("tweet")
    if not page.text.strip():
        st.info(page.t("errors_empty_text"), icon=":material/edit:")
        return
    if page.model != EMBEDDED:
        st.caption(page.t("embedded_reads"))
    result: reading.Result = page.run(reading.run, reading.Request(page.text))
    page.tell_cut(result.encoded)
    left, right = st.columns([2, 3], gap="large")
    with left:
        theme = page.theme
        st.plotly_chart(
            figures_learned.probabilities(
                [page.t(f"label_{label}") for label in result.labels],
                [float(p) for p in result.probabilities],
                (theme.bad, theme.muted, theme.good), theme,
            ),
            config=PLAIN, key="tweet_bars", alt=page.t("tweet_alt"),
        )
    with right:
        _attention(page, result)
    page.prove(result.proof)
    _moves(page, day, result)


def _attention(page: LessonPage, result: reading.Result) -> None:
    """How much of [CLS]'s attention in the last layer each piece gets."""
    heads = result.weights.shape[0]
    which = page.control_choice(
        "tw_head", page.t("whose_attention"), ["all", *(str(h) for h in range(heads))], "all",
        lambda h: page.t("all_heads") if h == "all" else page.t("one_head", head=h),
    )
    looked = result.looked if which == "all" else result.weights[int(which), reading.CLS]
    tokens = list(result.encoded.tokens)[:PIECES]
    top = float(looked[: len(tokens)].max()) or 1.0
    ui.tokens(
        "tweet_pieces", tokens, values=[float(v) / top for v in looked[: len(tokens)]],
        sublabels=[percent(float(v)) for v in looked[: len(tokens)]], clickable=False,
        label=page.t("attention_label"),
    )
    st.caption(page.t("attention_says"))


def _moves(page: LessonPage, day: Day, result: reading.Result) -> None:
    """The chosen day's prediction before and after, really recomputed."""
    found = day.found.result
    name, window = day.said.classifier, day.said.window
    judge = whatif.judge_of(day.found.choice.key, found.table, found.tickers, found.report, name,
                            window, day.row)
    moved = whatif.moved(judge, found.table, found.tickers, found.report, day.row,
                         result.probabilities, result.vector)
    page.prose("moves", date=day.date, ticker=day.ticker, classifier=name_of(page, name))
    with st.container(horizontal=True, gap="medium"):
        for key, score in (("without_tweet", moved.before), ("with_tweet", moved.after)):
            st.metric(page.t(key), f"{'▲' if score > 0 else '▼'} {_signed(score)}", border=True)
        turned = (moved.before > 0) != (moved.after > 0)
        st.metric(page.t("difference"), _signed(moved.after - moved.before), border=True,
                  delta=page.t("turned" if turned else "same_answer"), delta_color="off",
                  delta_arrow="off")
    st.table({
        page.t("number_of_day"): [page.t(f"feature_{c.name}") for c in moved.changed],
        page.t("without_tweet"): [_value(c.name, c.before) for c in moved.changed],
        page.t("with_tweet"): [_value(c.name, c.after) for c in moved.changed],
    })
    if moved.before == moved.after:
        st.info(page.t("nothing_moved", classifier=name_of(page, name)), icon=":material/info:")
    st.caption(page.t("moves_check", stored=number(moved.stored), fitted=number(moved.before)))


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "\u2212")


def _value(name: str, value: float) -> str:
    if value != value:
        return "–"
    return f"{int(value)}" if name == "tweets" else number(value)
