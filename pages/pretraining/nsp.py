from lessons.nsp.lesson import Request, run
from pages import ui
from pages.pretraining import nsp_views as views

page = ui.open_lesson("nsp", pair="required")
views.swap_button(page)
page.section("question")
result = page.run(run, Request(page.text, page.text_b, page.model))
page.tell_cut(result.encoded)
if views.verdict(page, result):
    views.path_to_logits(page, result)
    page.prove(result.proof)
    views.turned_round(page, result)
views.pair_builder(page)
page.section("later")
page.finish()
