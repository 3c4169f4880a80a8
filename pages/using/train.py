import streamlit as st

from lessons.train.lesson import example, scale
from pages import ui
from pages.using.train_after import attempt, mistakes
from pages.using.train_lines import material
from pages.using.train_plan import choose
from pages.using.train_run import training, warm
from pages.using.train_vectors import runs, take_home, vectors

page = ui.open_lesson("train", pair="later")
warm(page)
left, right = st.columns(2, gap="large")
with left:
    given = material(page)
with right:
    plan = choose(page, given)
session = training(page, given, plan)
attempt(page, session)
if session is not None and session.finished:
    mistakes(page, session)
    vectors(page, session)
    runs(page, session)
    take_home(page, session)
size = scale(given.lines if given else example(), plan)
page.section("paper", taught=size.taught, steps=size.steps, batch=plan.batch)
page.section("few", held=size.held, points=f"{size.points:.1f}")
page.finish()
