from pages import ui
from pages.vectors import compare_views as views
from pages.vectors.compare_map import look_around
from pages.vectors.compare_measures import measured

page = ui.open_lesson("compare", pair="required")
asked = views.asked(page)
result = views.answer(page, asked) if asked else None
look_around(page, views.word_of(page), result)
measured(page)
if result:
    page.prove(result.proof)
page.finish()
