"""What the adapter is, what each task scored, and where to read on."""

import streamlit as st

from lessons.tasks.facts import Published, Score, about, available, published, scores
from lessons.tasks.lesson import Result
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage, state
from pages.using.tasks_choose import task_name

LINKS = (("layers", ":material/filter_list:"), ("layer", ":material/view_agenda:"),
         ("trace", ":material/manage_search:"))


def adapter(page: LessonPage, result: Result) -> None:
    """Rank, counts and size of the task's adapter, from its file."""
    task = result.answer.task
    found, encoder = about(task, page.engine.adapter(task, page.model)), page.info.parameters
    page.section(
        "adapter", task=task_name(page, task), rank=found.rank, maps=found.maps,
        low=f"{found.low_rank:,}", moved=f"{found.moved:,}", head=f"{found.head:,}",
        before=f"{found.before:,}", after=f"{found.after:,}",
    )
    with st.container(horizontal=True, gap="large"):
        st.metric(page.t("adapter_numbers"), f"{found.parameters:,}")
        st.metric(page.t("encoder_numbers"), f"{encoder:,}")
        st.metric(page.t("share"), percent(found.parameters / encoder))
        st.metric(page.t("on_disk"), f"{found.bytes / 1e6:.2f} MB")


def links(page: LessonPage) -> None:
    """Where what the head reads comes from."""
    known = st.session_state.get("_pages", {})
    with st.container(horizontal=True, gap="medium"):
        for slug, icon in LINKS:
            if slug in known:
                st.page_link(known[slug], label=page.t(f"link_{slug}"), icon=icon,
                             query_params=state.carried())


def scored(page: LessonPage) -> None:
    """Our held-out figures beside BERT-base's published ones."""
    here = available()
    page.section("scored")
    rows = scores(here)
    st.table({
        page.t("held_out"): [_where(page, row) for row in rows],
        page.t("ours"): [f"**{percent(row.value)}** {page.t('figure_' + row.figure)}"
                         for row in rows],
        page.t("published"): [_published(row.published) for row in rows],
    })
    notes = []
    for task in here:
        said = published(task)
        source = f" ({said.source})" if said.source else ""
        value = f"**{said.value}** " if said.value else ""
        notes.append(f"- {task_name(page, task)}: {value}{ui.escape_markdown(said.on[page.lang])}"
                     f"{ui.escape_markdown(source)}")
    st.markdown(page.t("published_title") + "\n\n" + "\n".join(notes))
    st.caption(page.t("scored_made"))


def _where(page: LessonPage, row: Score) -> str:
    count = page.t("measured_on", count=f"{row.count:,}") if row.count else ""
    return (f"**{task_name(page, row.task)}** · {ui.escape_markdown(row.where[page.lang])}"
            f"{count}")


def _published(said: Published | None) -> str:
    """The value as published, once a task."""
    if said is None:
        return ""
    return said.value or "–"
