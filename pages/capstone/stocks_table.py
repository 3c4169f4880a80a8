"""How the classifiers stand: the figure, the table, what to make of it, their mistakes."""

from html import escape

import streamlit as st

from core.stocks.evaluation import Row
from lessons.stocks import figures
from lessons.stocks.figures import MEASURES, shown
from lessons.stocks.reading import verdict
from lessons.theme import percent
from pages.capstone.stocks_work import Found
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}


def guessed(page: LessonPage, found: Found) -> bool:
    """Guess: how often will the best classifier be right?"""
    page.section("standings")
    best = max(row.scores.accuracy for row in found.result.report.rows)
    options = [page.t(f"guess_{i}") for i in range(4)]
    mine = page.guess("standings", page.t("guess_question"), options)
    if mine:
        right = options[sum(best > edge for edge in (0.5, 0.55, 0.65))]
        st.markdown(page.t("guess_said", mine=mine, right=right))
    return mine is not None


def name_of(page: LessonPage, classifier: str) -> str:
    return page.t(f"classifier_{classifier}")


def window_of(page: LessonPage, window: int) -> str:
    return page.t("one_day") if window == 1 else page.t("days_of_input", days=window)


def standings(page: LessonPage, found: Found) -> None:
    report = found.result.report
    if not found.current:
        st.info(page.t("older_result", settings=asked(page, found)), icon=":material/history:")
    _figure(page, found)
    st.markdown(_verdict(page, found))
    with st.container(border=True, key="stocks_table"):
        _rows(page, found)
    st.caption(page.t("table_says", days=report.rows[0].days, n=f"{report.rows[0].n:,}",
                      draws=f"{report.settings.draws:,}"))
    page.section("measures")
    _matrices(page, found)


def asked(page: LessonPage, found: Found) -> str:
    """The settings of a result in words."""
    request = found.choice.request
    parts = [
        page.t("all_of_them") if request.ticker == "all" else request.ticker,
        page.t(f"split_{request.split.replace('-', '_')}"),
    ]
    parts += [page.t(name) for name in ("shuffled", "constant") if getattr(request, name)]
    return ", ".join(parts)


@st.fragment
def _figure(page: LessonPage, found: Found) -> None:
    """Dots with intervals, beside what says nothing and what others had."""
    report = found.result.report
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        measure = page.control_choice(
            "measure", page.t("measure"), list(MEASURES), "accuracy",
            lambda m: page.t(f"measure_{m}"),
        )
    with right:
        others = page.control_toggle("others", page.t("others"), default=True)
    names = list(dict.fromkeys(row.classifier for row in report.rows))
    words = figures.Words(
        [name_of(page, name) for name in names],
        [window_of(page, window) for window in report.settings.windows],
        page.t("majority_line", share=percent(report.majority)), page.t("chance_line"),
        page.t("exercise") if others else "", page.t(f"measure_{measure}"),
    )
    st.plotly_chart(
        figures.standings(report, measure, words, found.result.exercise, page.theme),
        config=PLAIN, key="standings", alt=page.t("standings_alt"),
    )


def _verdict(page: LessonPage, found: Found) -> str:
    """What the whole table says about beating the majority."""
    said = verdict(found.result.report)
    row = said.best
    facts = {
        "classifier": name_of(page, row.classifier), "window": window_of(page, row.window),
        "accuracy": percent(row.scores.accuracy), "low": percent(row.scores.low),
        "high": percent(row.scores.high), "majority": percent(found.result.report.majority),
        "tried": said.tried, "below": said.below, "expected": f"{said.expected:.1f}",
        "p": f"{row.p_permutation:.3f}", "limit": f"{said.limit:.4f}",
        "holds": said.holds, "same": said.same,
    }
    kind = "leaking" if found.choice.request.split == "random" and said.holds else (
        "holds" if said.holds else "honest"
    )
    text = page.t(f"verdict_{kind}", **facts)
    if said.same > 1:
        text += "\n\n" + page.t("verdict_same", **facts, digits=f"{said.repeated:.6f}")
    return text


def _rows(page: LessonPage, found: Found) -> None:
    report, exercise = found.result.report, {r.classifier: r for r in found.result.exercise}

    def handed(row: Row) -> str:
        if row.classifier not in exercise or row.window not in (1, 3):
            return ""
        return f"{exercise[row.classifier].accuracy(row.window):.6f}"

    rows = report.rows
    best = max(row.scores.accuracy for row in rows)

    def told(row: Row, measure: str) -> str:
        value, low, high = figures.interval(row, measure)
        text = f"{shown(value, measure)} ({shown(low, measure)} – {shown(high, measure)})"
        return f"**{text}**" if measure == "accuracy" and value == best else text

    st.table({
        page.t("classifier"): [name_of(page, row.classifier) for row in rows],
        page.t("input"): [window_of(page, row.window) for row in rows],
        page.t("measure_accuracy"): [told(row, "accuracy") for row in rows],
        page.t("measure_balanced"): [told(row, "balanced") for row in rows],
        page.t("measure_mcc"): [told(row, "mcc") for row in rows],
        page.t("p_value"): [f"{row.p_permutation:.3f}" for row in rows],
        page.t("says_up"): [percent(row.up_said) for row in rows],
        page.t("ran_on"): [row.ran_on for row in rows],
        page.t("exercise_short"): [handed(row) for row in rows],
    })


def _matrices(page: LessonPage, found: Found) -> None:
    """Every classifier's four counts; only strings of our own and numbers in this HTML."""
    report, cells = found.result.report, []
    for row in report.rows:
        said = report.said(row.classifier, row.window)
        counts = [[int(((said.actual == a) & (said.said == s)).sum()) for s in (1, 0)]
                  for a in (1, 0)]
        title = f"{name_of(page, row.classifier)} · {window_of(page, row.window)}"
        cells.append(_matrix(page, title, counts, row.n))
    theme = page.theme
    colours = "; ".join(f"--{n}: {getattr(theme, n)}" for n in ("muted", "ink", "accent"))
    with st.expander(page.t("matrices"), icon=":material/grid_on:", expanded=True):
        st.caption(page.t("matrices_say"))
        st.html(f"<div class='ib-matrices' style='{colours}'>{''.join(cells)}</div>")


def _matrix(page: LessonPage, title: str, counts: list[list[int]], n: int) -> str:
    def cell(actual: int, said: int) -> str:
        count = counts[actual][said]
        hue = page.theme.good if actual == said else page.theme.bad
        depth = round(8 + 55 * count / n)
        return (f"<td style='background: color-mix(in srgb, {hue} {depth}%, transparent)'>"
                f"{count:,}</td>")

    arrows = ("▲", "▼")
    head = "".join(f"<th>{escape(page.t('said'))} {a}</th>" for a in arrows)
    body = "".join(
        f"<tr><th>{escape(page.t('was'))} {arrows[a]}</th>{cell(a, 0)}{cell(a, 1)}</tr>"
        for a in (0, 1)
    )
    return (f"<div class='ib-matrix'><b>{escape(title)}</b><table><tr><th></th>{head}</tr>"
            f"{body}</table></div>")
