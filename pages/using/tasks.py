import streamlit as st

from lessons.tasks.lesson import Result, run
from pages import ui
from pages.ui import LessonPage
from pages.using import tasks_about, tasks_answer, tasks_choose, tasks_picture, tasks_weights


@st.fragment
def alive(page: LessonPage, result: Result) -> None:
    """The diagram, the answer and the head, opened at the output that was clicked."""
    chosen = tasks_picture.chosen_output(page, result)
    tasks_picture.diagram(page, result, chosen)
    tasks_picture.vector(page, result, chosen)
    tasks_answer.said(page, result, chosen)
    tasks_weights.head(page, result, chosen)


page = ui.open_lesson("tasks", pair="optional", height="content")
task = tasks_choose.chosen(page)
request = tasks_choose.request(page, task) if task else None
if request:
    result: Result = page.run(run, request)
    page.tell_cut(result.answer.encoded)
    if tasks_choose.guessed(page, result):
        alive(page, result)
        page.prove(result.proof)
        tasks_about.links(page)
        tasks_about.adapter(page, result)
tasks_about.scored(page)
page.section("paper")
page.finish()
