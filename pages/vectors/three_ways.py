from pages import ui
from pages.vectors import three_ways_leak as leak
from pages.vectors import three_ways_views as views

page = ui.open_lesson("three_ways")
page.section("objectives")
word = views.same_blank(page)
views.who_sees_whom(page)
leak.why_masks(page, word)
page.finish()
