from lessons.layers.lesson import run
from pages import ui
from pages.using import layers_choose, layers_measured, layers_views
from pages.using.layers_tags import tags

page = ui.open_lesson("layers", pair="optional")
asked = layers_choose.asked(page)
result = page.run(run, asked) if asked else None
if result:
    layers_views.vectors(page, result)
    layers_views.between(page, result)
    layers_views.second(page, result)
    layers_views.nearest(page, result)
    tags(page, result)
layers_measured.told(page)
page.section("literature")
if result:
    page.prove(result.proof)
page.finish()
