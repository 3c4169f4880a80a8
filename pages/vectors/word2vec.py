from lessons.word2vec.lesson import corpus_of
from pages import ui
from pages.vectors.word2vec_glove import glove
from pages.vectors.word2vec_live import live
from pages.vectors.word2vec_shipped import wikipedia
from pages.vectors.word2vec_step import one_update
from pages.vectors.word2vec_window import windows

page = ui.open_lesson("word2vec")
VIEWS = {
    "windows": windows,
    "step": one_update,
    "live": live,
    "glove": glove,
    "wikipedia": lambda page, corpus: wikipedia(page),
}

view = page.control_choice(
    "w2v", page.t("view"), list(VIEWS), "windows", lambda v: page.t(f"view_{v}")
)
corpus = page.run(corpus_of, page.text, needs_model=False)
if corpus.cut:
    page.prose("cut", read=corpus.running, cut=corpus.cut, words=len(corpus.words))
VIEWS[view](page, corpus)
page.finish()
