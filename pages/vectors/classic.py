import streamlit as st

from pages import ui
from pages.vectors.classic_counting import one_hot, tfidf
from pages.vectors.classic_documents import documents
from pages.vectors.classic_latent import lsa
from pages.vectors.classic_ranking import textrank
from pages.vectors.classic_topics import lda, plsa

page = ui.open_lesson("classic")
request = documents(page)
VIEWS = {
    "one_hot": one_hot,
    "tfidf": tfidf,
    "textrank": textrank,
    "lsa": lsa,
    "plsa": plsa,
    "lda": lda,
}


@st.fragment
def method() -> None:
    view = page.control_choice(
        "method", page.t("method"), list(VIEWS), "one_hot", lambda m: page.t(f"method_{m}")
    )
    VIEWS[view](page, request)


method()
page.finish()
