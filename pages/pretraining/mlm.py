from pages import ui
from pages.pretraining import mlm_views as views
from pages.pretraining.mlm_lapse import time_lapse

page = ui.open_lesson("mlm")
views.fill_the_blanks(page)
views.both_sides(page)
views.recipe_rolled(page)
time_lapse(page)
page.finish()
