from pages import ui
from pages.inside import surgery_views as views
from pages.inside.surgery_effects import every_head
from pages.inside.surgery_table import surgery_table

page = ui.open_lesson("surgery", pair="optional")
case = views.patient(page)
views.operate(page, case)
every_head(page, case)
surgery_table(page, case)
page.finish()
