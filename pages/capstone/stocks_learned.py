"""What a classifier holds after learning: weights, a tree, or the days it remembers."""

import numpy as np
import streamlit as st

from core.stocks.learned import Linear, Tree
from lessons.stocks import figures_learned, whatif
from lessons.stocks.lesson import rows_of
from lessons.theme import number, percent
from pages.capstone.stocks_day import Day, row_in
from pages.capstone.stocks_table import name_of, window_of
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
TEXTS = 2  # of a neighbour


def feature_name(page: LessonPage, code: str) -> str:
    """"mean-1" as the learner reads it: mean sentiment, 1 day before."""
    name, _, lag = code.partition("-")
    if name.startswith("vector "):
        text = page.t("feature_vector", number=name.removeprefix("vector "))
    else:
        text = page.t(f"feature_{name.replace(' ', '_')}")
    return page.t("feature_before", name=text, days=lag) if lag else text


def learned(page: LessonPage, day: Day) -> None:
    """The part that fits the chosen classifier."""
    name, window = day.said.classifier, day.said.window
    page.section("learned", classifier=name_of(page, name), window=window_of(page, window))
    report = day.found.result.report
    kept = next((one for one in report.learned
                 if (one.classifier, one.window) == (name, window)), None)
    if name == "knn":
        _neighbours(page, day)
    elif isinstance(kept, Linear):
        _weights(page, day, kept)
    elif isinstance(kept, Tree):
        _tree(page, day, kept)
    else:
        st.markdown(page.t(f"holds_{name}" if name in ("majority", "yesterday") else "holds_many"))
    chosen = report.row(name, window).chosen
    if chosen[0]:
        st.caption(page.t("chosen_inside", params=" · ".join(chosen)))


def _x(day: Day) -> np.ndarray:
    """float32 (F,): what the classifier saw of the chosen day."""
    result = day.found.result
    return rows_of(result.table, result.report, day.said.window, np.array([day.row]))[0]


def _weights(page: LessonPage, day: Day, linear: Linear) -> None:
    def name(code: str) -> str:
        return feature_name(page, code)

    page.prose("weights", features=len(linear.names), shown=min(figures_learned.MOST,
                                                                len(linear.names)))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{page.t('weights_title')}**")
        st.plotly_chart(figures_learned.weights(linear, name, page.theme), config=PLAIN,
                        key="weights", alt=page.t("weights_alt"))
    with right:
        score = float(linear.score(_x(day)[None])[0])
        st.markdown(page.t("sum_title", date=day.date, score=number(score),
                           bias=number(linear.bias), arrow="▲" if score > 0 else "▼"))
        st.plotly_chart(
            figures_learned.contributions(linear, _x(day), name, page.theme,
                                          figures_learned.MOST),
            config=PLAIN, key="contributions", alt=page.t("weights_alt"),
        )
    if day.fold != len(day.found.result.report.folds) - 1:
        st.caption(page.t("other_fold"))


def _tree(page: LessonPage, day: Day, tree: Tree) -> None:
    page.prose("tree")
    words = figures_learned.Words(
        page.t("yes"), page.t("no"), lambda n: page.t("leaf_days", count=f"{n:,}"),
        lambda up: page.t("leaf_up", share=percent(up)), lambda n: page.t("leaf_more", count=n),
    )
    with st.container(key="stocks_tree"):
        st.plotly_chart(
            figures_learned.tree(tree, lambda code: feature_name(page, code), words, page.theme,
                                 tree.path(_x(day))),
            config=PLAIN, key="tree", alt=page.t("tree_alt"),
        )
    if day.fold != len(day.found.result.report.folds) - 1:
        st.caption(page.t("other_fold"))


def _neighbours(page: LessonPage, day: Day) -> None:
    """The remembered days nearest to the chosen one, and how they went on."""
    result, opened = day.found.result, day.found.opened
    judge = whatif.judge_of(
        day.found.choice.key, result.table, result.tickers, result.report, "knn",
        day.said.window, day.row,
    )
    nearest = whatif.near(judge, day.row)
    table = result.table
    same = sum(str(table.date[one.row]) == day.date for one in nearest)
    page.prose("neighbours", date=day.date, shown=len(nearest),
               k=judge.estimator[-1].n_neighbors)
    st.table({
        page.t("ticker"): [str(table.ticker[one.row]) for one in nearest],
        page.t("day"): [str(table.date[one.row]) for one in nearest],
        page.t("distance"): [number(one.distance) for one in nearest],
        page.t("texts_word"): [str(int(table.tweets[one.row])) for one in nearest],
        page.t("then"): ["▲" if one.up else "▼" for one in nearest],
    })
    if same:
        st.error(page.t("same_day", count=same, of=len(nearest)), icon=":material/water_drop:")
    texts = [(one, opened.texts(row_in(day.found, one.row), TEXTS)) for one in nearest]
    if opened.tweets is None:
        st.caption(page.t("no_texts_here"))
    for one, some in texts:
        if some:
            st.markdown(f"**{table.ticker[one.row]} · {table.date[one.row]}**")
            for text in some:
                st.code(text, language=None, wrap_lines=True)
