from pages import ui
from pages.capstone import (
    stocks_about,
    stocks_choose,
    stocks_days,
    stocks_pipeline,
    stocks_story,
    stocks_table,
    stocks_work,
)

page = ui.open_lesson("stocks")
page.section("question")
place = stocks_pipeline.place(page)
stocks_story.story(page)
choice = stocks_choose.chosen(page)
found = stocks_work.judged(page, choice)
stocks_pipeline.draw(page, place, choice, found)
if found and stocks_table.guessed(page, found):
    stocks_table.standings(page, found)
    stocks_story.reason(page, found)
    page.prove(found.result.proof)
    stocks_days.days(page, found)
stocks_about.lessons(page, found)
page.finish()
