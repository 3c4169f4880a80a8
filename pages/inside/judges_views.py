"""The parts of the judges page: three verdicts, how far they agree, and the hunt."""

import numpy as np
import streamlit as st

from lessons.judges import figures
from lessons.judges.agreement import BEST
from lessons.judges.lesson import LEAST, NAMES, Request, Result, light, run
from lessons.theme import number, percent
from pages import ui
from pages.inside import judges_case
from pages.ui import LessonPage
from pages.ui.beside import run_beside

PLAIN = {"displayModeBar": False}
WINDOW = 48
SMALL = 0.01


def names(page: LessonPage) -> list[str]:
    return [page.t(name) for name in NAMES]


def signed(value: float) -> str:
    """A number with its sign, two decimals."""
    return f"{value:+.2f}".replace("-", "\u2212")


@st.fragment
def trial(page: LessonPage, request: Request) -> None:
    """The ways of judging, the three verdicts, their agreement and the hunt for a disagreement."""
    head = st.container()
    request = judges_case.ways(page, request)
    st.session_state["_judges_ways"] = request
    result = _result(page, request)
    if result is None:
        return
    what = judges_case.what(page, result.word)
    with head:
        place = page.t("at_blank", place=result.place) if result.word else (
            page.t("at_cls")
        )
        page.section("judges", what=f"{what} = {percent(result.p)}", place=place,
                     pieces=len(result.rated))
    with st.expander(page.t("how_title"), icon=":material/balance:"):
        page.prose("how", steps=request.steps)
    if len(result.rated) < LEAST:
        st.info(page.t("too_few", least=LEAST, count=len(result.rated)), icon=":material/info:")
        return
    if not _guessed(page, result, what):
        return
    _verdicts(page, result, what)
    if result.gap is not None and result.start is not None:
        _gap(page, result)
    page.prove(result.proof)
    _agreement(page, result)
    _challenge(page, result)


def _result(page: LessonPage, request: Request) -> Result | None:
    """With a long text or a large model the learner decides whether to wait."""
    if light(page.engine, request):
        found: Result = page.run(run, request)
        return found
    return run_beside(page, run, request, says=page.t("long_trial"),
                      button=page.t("start_trial"), icon=":material/gavel:")


def _piece(result: Result, judged: int) -> str:
    return ui.escape_markdown(result.tokens[judged])


def _guessed(page: LessonPage, result: Result, what: str) -> bool:
    """Guess: which piece matters most?"""
    options = [f"{place} {token}" for place, token in zip(result.rated, result.tokens, strict=True)]
    mine = page.guess(
        "judges", page.t("ask_first", what=what), options[:WINDOW], switch=False
    )
    if mine:
        firsts = [_piece(result, judge.favourite) for judge in result.judges]
        st.markdown(page.t("your_guess", mine=ui.escape_markdown(mine.split(" ", 1)[1]),
                           **dict(zip(NAMES, firsts, strict=True))))
    return mine is not None


def _verdicts(page: LessonPage, result: Result, what: str) -> None:
    page.section("verdicts")
    for column, judge, name in zip(st.columns(3), result.judges, names(page), strict=True):
        without = page.t("without", what=what, before=percent(result.p),
                         after=percent(result.without(judge.favourite)))
        with column, st.container(border=True):
            st.metric(name, page.t("quoted", piece=_piece(result, judge.favourite)))
            st.markdown(without)
    st.markdown(_said(page, result))
    start, stop = page.window(len(result.rated), WINDOW)
    st.plotly_chart(
        figures.three(result, names(page), page.theme, start, stop),
        config=PLAIN, key="three", alt=page.t("three_alt"),
    )
    with st.expander(page.t("table_title"), icon=":material/table:"):
        _table(page, result)


def _said(page: LessonPage, result: Result) -> str:
    """Who names the same favourite."""
    same = [a for a in result.agreements if a.same_first]
    if len(same) == len(result.agreements):
        return page.t("all_agree", piece=_piece(result, result.judges[0].favourite))
    if not same:
        return page.t("none_agree")
    one, other = (names(page)[at] for at in (same[0].first, same[0].second))
    return page.t("two_agree", pair=page.t("and_also", one=one, other=other),
                  piece=_piece(result, result.judges[same[0].first].favourite))


def _table(page: LessonPage, result: Result) -> None:
    columns = {page.t("piece"): [
        f"{place} {ui.escape_markdown(token)}"
        for place, token in zip(result.rated, result.tokens, strict=True)
    ]}
    for judge, name in zip(result.judges, names(page), strict=True):
        columns[page.t("score", judge=name)] = [number(float(s)) for s in judge.scores]
        columns[page.t("rank", judge=name)] = [figures.ordinal(float(r)) for r in judge.ranks]
    st.table(columns)


def _gap(page: LessonPage, result: Result) -> None:
    end = float(np.log(result.p))
    start, gap = result.start or 0.0, result.gap or 0.0
    page.section("gap", start=signed(start), end=signed(end), difference=signed(end - start),
                 gap=signed(gap) if abs(gap) >= SMALL else f"{gap:.0e}".replace("-", "\u2212"))


def _agreement(page: LessonPage, result: Result) -> None:
    m = len(result.rated)
    page.section("agreement", pairs=m * (m - 1) // 2)
    judges = names(page)
    if any(a.kendall is None for a in result.agreements):
        st.info(page.t("no_order"), icon=":material/info:")
        return
    codes = [f"{a.first}{a.second}" for a in result.agreements]
    shown = page.value("pair", page.t("pair_of"), codes, "02")
    pair = (int(shown[0]), int(shown[1]))
    left, right = st.columns([2, 3])
    with left:
        st.markdown(f"**{page.t('tau_title')}**")
        clicked = ui.heat(
            "tau", _square(result), judges, judges, scale="diverging", domain=(-1.0, 1.0),
            selected=(pair[1], pair[0]), label=page.t("tau_label"), cell=110, row_height=76,
        )
        if clicked and clicked[0] != clicked[1]:
            page.put("pair", "".join(str(at) for at in sorted(clicked)))
            st.rerun(scope="fragment")
        st.caption(page.t("tau_label"))
    with right:
        one, other = judges[pair[0]], judges[pair[1]]
        st.markdown(f"**{page.t('ranks_title', one=one, other=other)}**")
        st.plotly_chart(figures.scatter(result, pair, judges, page.theme), config=PLAIN,
                        key="ranks", alt=page.t("ranks_alt"))
    _pairs(page, result, judges)


def _square(result: Result) -> np.ndarray:
    """Kendall's tau of every two judges, float32[3, 3]; each with itself 1."""
    square = np.eye(len(result.judges), dtype=np.float32)
    for a in result.agreements:
        square[a.first, a.second] = square[a.second, a.first] = a.kendall or 0.0
    return square


def _pairs(page: LessonPage, result: Result, judges: list[str]) -> None:
    rows = result.agreements
    st.table({
        page.t("pair_of"): [
            page.t("pair", one=judges[a.first], other=judges[a.second]) for a in rows
        ],
        page.t("kendall"): [signed(a.kendall or 0.0) for a in rows],
        page.t("chance"): [f"{a.chance:.3f}" for a in rows],
        page.t("spearman"): [signed(a.spearman or 0.0) for a in rows],
        page.t("same_first"): [page.t("yes" if a.same_first else "no") for a in rows],
        page.t("shared", count=BEST): [str(a.shared) for a in rows],
    })


def _challenge(page: LessonPage, result: Result) -> None:
    """What can be found with a sentence; ticks stay for the session."""
    page.section("challenge")
    looked_and_left = result.agreement(0, 2)
    first = result.judges[0].favourite
    met = {
        "differ": not looked_and_left.same_first,
        "three": not any(a.same_first for a in result.agreements),
        "turned": (looked_and_left.kendall or 0.0) < 0,
        "spared": result.without(first) > result.p,
        "agree": all(a.same_first for a in result.agreements),
    }
    found: set[str] = st.session_state.setdefault("_judges_found", set())
    before = set(found)
    found |= {name for name, is_met in met.items() if is_met}
    for name, is_met in met.items():
        state = "found_now" if is_met else "found_before" if name in before else "not_found"
        icon = ":green[:material/check_circle:]" if name in found else ":material/circle:"
        st.markdown(f"{icon} {page.t(f'challenge_{name}')} · *{page.t(state)}*")
