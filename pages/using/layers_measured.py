"""What is measured and published: the choices, every layer alone, accuracy against time."""

from collections.abc import Callable

import streamlit as st

from core.tasks import adapter
from core.tasks.registry import find
from lessons.layers import figures
from lessons.layers.measured import (
    TASKS,
    WAYS,
    Figure,
    Measured,
    Published,
    Spent,
    measured,
    published,
)
from lessons.theme import percent
from pages.ui import LessonPage
from pages.using.layers_views import PLAIN

READERS = ("bilstm", "linear")


def told(page: LessonPage) -> None:
    """Guess first, then everything that was measured beforehand."""
    theirs, found = published(), measured()
    names = list(theirs.choices)
    labels = {page.t(f"name_{name}"): name for name in names}
    mine = page.guess("best", page.t("guess_best"), list(labels))
    if mine is None:
        return
    if found is None:
        _published(page, theirs, names)
        st.info(page.t("no_measure"), icon=":material/info:")
        return
    choices(page, theirs, found, mine)
    curves(page, found)
    cost(page, found)
    st.caption(page.t("made", command=found.command))


def _best(found: Measured, names: list[str], reader: str) -> tuple[str, Figure]:
    best = max(names, key=lambda name: found.choices[name][reader].value)
    return best, found.choices[best][reader]


def choices(page: LessonPage, theirs: Published, found: Measured, mine: str) -> None:
    """The paper's table beside ours, and all our figures."""
    names = list(theirs.choices)
    top = max(names, key=theirs.choices.__getitem__)
    ours, figure = _best(found, names, "bilstm")
    page.section(
        "choices", published_best=page.t(f"name_{top}"),
        published_value=f"{theirs.choices[top]:.1f}",
        tuned_value=f"{theirs.tuned['BERT-base']:.1f}", ours_best=page.t(f"name_{ours}"),
        ours_value=figures.per_cent(figure.value), ours_low=figures.per_cent(figure.low),
        ours_high=figures.per_cent(figure.high),
    )
    if mine:
        st.success(page.t("guess_said", mine=mine, published=page.t(f"name_{top}"),
                          ours=page.t(f"name_{ours}")), icon=":material/lightbulb:")
    left, right = st.columns(2)
    with left:
        _published(page, theirs, names)
    with right:
        _ours(page, found, names)
    learned = found.tasks["ner"].counts["train_sentences"]
    st.caption(page.t("ours_levels", train=f"{learned:,}", conll=f"{theirs.sentences:,}"))
    with st.expander(page.t("all_figures"), icon=":material/table:"):
        _all(page, found)
        _weights(page, found)


def _published(page: LessonPage, theirs: Published, names: list[str]) -> None:
    labels = [page.t(f"name_{name}") for name in names]
    st.markdown(f"**{page.t('published_title')}**")
    st.plotly_chart(
        figures.printed(theirs, names, labels, page.theme), config=PLAIN, key="published",
        alt=page.t("published_alt"),
    )
    st.caption(page.t("published_source", source=theirs.source, base=theirs.tuned["BERT-base"],
                      large=theirs.tuned["BERT-large"]))


def _readers(page: LessonPage, found: Measured) -> dict[str, str]:
    units = found.readers["bilstm"]["units"]
    return {"linear": page.t("reader_linear"), "bilstm": page.t("reader_bilstm", units=units)}


def _ours(page: LessonPage, found: Measured, names: list[str]) -> None:
    labels = [page.t(f"name_{name}") for name in names]
    counts = found.tasks["ner"].counts
    st.markdown(f"**{page.t('ours_title')}**")
    st.plotly_chart(
        figures.ours(found, names, labels, _readers(page, found), page.theme), config=PLAIN,
        key="ours", alt=page.t("ours_alt"),
    )
    st.caption(page.t(
        "ours_source", train=f"{counts['train_sentences']:,}",
        test=f"{counts['test_sentences']:,}", seeds=found.settings["seeds"],
    ))


def _shown(page: LessonPage, figure: Figure) -> str:
    return page.t("interval", value=f"**{figures.per_cent(figure.value)}**",
                  low=figures.per_cent(figure.low), high=figures.per_cent(figure.high))


def _all(page: LessonPage, found: Measured) -> None:
    readers = _readers(page, found)
    table = {page.t("choice"): [page.t(f"name_{name}") for name in found.choices]}
    for reader in READERS:
        rows = [row[reader] for row in found.choices.values()]
        table[page.t("table_f1", reader=readers[reader])] = [_shown(page, row) for row in rows]
        words = f"{readers[reader]}: {page.t('table_words')}"
        table[words] = [percent(row.words or 0.0) for row in rows]
    st.table(table)


def _weights(page: LessonPage, found: Measured) -> None:
    """Where the learned softmax weights over layers ended, lowest layer first."""
    st.markdown(f"**{page.t('weights_title')}**")
    readers = _readers(page, found)
    last = len(found.tasks["ner"].layers) - 1
    for name, row in found.choices.items():
        for reader in READERS:
            if weights := row[reader].weights:
                first = last - len(weights) + 1
                said = ", ".join(f"{first + n}: {percent(w)}" for n, w in enumerate(weights))
                st.markdown("- " + page.t("weights_said", choice=page.t(f"name_{name}"),
                                          reader=readers[reader], weights=said))


def curves(page: LessonPage, found: Measured) -> None:
    """Every layer alone, for both tasks."""
    tasks = found.tasks
    page.section("curve", pos_best=tasks["pos"].best, ner_best=tasks["ner"].best,
                 last=len(tasks["pos"].layers) - 1)
    labels = {key: page.t(f"curve_{key}") for key in ("probe", "control", "usual")}
    for column, task in zip(st.columns(2), TASKS, strict=True):
        with column:
            st.markdown(f"**{page.t(f'curve_{task}')}**")
            st.plotly_chart(
                figures.curve(tasks[task], labels, page.t("curve_axis"), page.theme),
                config=PLAIN, key=f"curve_{task}", alt=page.t(f"curve_alt_{task}"),
            )
    counts = {f"{task}_{part}": f"{tasks[task].counts[f'{part}_sentences']:,}"
              for task in TASKS for part in ("train", "test")}
    st.caption(page.t("curve_made", **counts))


def cost(page: LessonPage, found: Measured) -> None:
    """Accuracy against seconds of one thread, three ways to learn the same."""
    ways = {way: page.t(f"way_{way}") for way in WAYS}
    few, most = (_furthest(found, pick) for pick in (min, max))
    page.section(
        "cost", few=f"{few.sentences:,}", few_best=ways[few.way],
        few_value=percent(few.figure.value), many=f"{most.sentences:,}",
        many_best=ways[most.way], many_value=percent(most.figure.value),
    )
    for task in found.spent:
        st.markdown(f"**{page.t(f'curve_{task}')}**")
        st.plotly_chart(
            figures.spent(found, task, ways, page.t("cost_axis"),
                          page.t("cost_sentences", count="{count}"), page.theme),
            config=PLAIN, key=f"cost_{task}", alt=page.t(f"cost_alt_{task}"),
        )
    _shipped(page, found)
    with st.expander(page.t("cost_table"), icon=":material/table:"):
        rows = [(task, row) for task, own in found.spent.items() for row in own]
        st.table({
            page.t("cost_way"): [f"{page.t(f'probe_{t}')}: {ways[r.way]}" for t, r in rows],
            page.t("cost_count"): [f"{r.sentences:,}" for _, r in rows],
            page.t("cost_seconds"): [f"{r.seconds:,.0f}" for _, r in rows],
            page.t("cost_figure"): [_shown(page, r.figure) for _, r in rows],
        })
    st.caption(page.t("cost_made", vectors=_vectors(page, found)))


def _furthest(found: Measured, pick: Callable[..., int]) -> Spent:
    """The best of the ways with the fewest sentences, or the most."""
    rows = found.spent["pos"]
    size = pick(row.sentences for row in rows)
    return max((r for r in rows if r.sentences == size), key=lambda r: r.figure.value)


def _vectors(page: LessonPage, found: Measured) -> str:
    """Seconds of the forward passes alone for 1,000 sentences, over all trials."""
    rows = [row for own in found.spent.values() for row in own if row.way == "linear"]
    rate = 1000 * sum(row.vectors for row in rows) / sum(row.sentences for row in rows)
    return page.t("cost_rate", seconds=f"{rate:.1f}")


def _shipped(page: LessonPage, found: Measured) -> None:
    """What the app's own heads reach, which learned from everything there is."""
    said = []
    for task in found.spent:
        if adapter.is_here(task):
            figure = next(iter(adapter.facts(find(task).folder)["evaluation"].values()))
            value = percent(figure.get("f1", figure["accuracy"]))
            said.append(page.t("cost_shipped_one", task=page.t(f"probe_{task}"), value=value))
    if said:
        st.markdown(page.t("cost_shipped", figures=", ".join(said)))
