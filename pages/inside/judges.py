from pages import ui
from pages.inside import judges_case, judges_gallery
from pages.inside.judges_views import trial

page = ui.open_lesson("judges", pair="optional")
watch = judges_case.watched(page)
if watch:
    trial(page, watch)
judges_gallery.gallery(page)
judges_gallery.survey(page)
page.section("why")
page.section("literature")
page.finish()
