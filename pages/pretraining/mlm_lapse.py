"""The pretraining time-lapse: every stored point sent once, played in the browser alone."""

import streamlit as st

from lessons.mlm import timelapse
from lessons.mlm.timelapse import Timelapse
from lessons.theme import THEMES
from pages.ui import LessonPage, state
from pages.ui.components.packing import pack, source, style

_lapse = st.components.v2.component(
    "inside_bert_timelapse", js=source("timelapse"), css=style("timelapse")
)


def time_lapse(page: LessonPage) -> None:
    """What the embedded model said at stored points of its own pretraining."""
    page.section("timelapse")
    stored = timelapse.load()
    if stored is None:
        st.info(page.t("timelapse_missing", train=timelapse.TRAIN, export=timelapse.EXPORT),
                icon=":material/inventory_2:")
        return
    st.caption(page.t("timelapse_note", train=timelapse.TRAIN, export=timelapse.EXPORT))
    _player(page, stored)


@st.fragment
def _player(page: LessonPage, stored: Timelapse) -> None:
    left, right = st.columns(2)
    with left:
        prompt = _chosen(page, "lapse_prompt", stored.prompts)
    with right:
        sentence = _chosen(page, "lapse_sentence", stored.sentences)
    labels = {
        name: page.t(f"lapse_{name}")
        for name in ("play", "pause", "point", "seen", "mlm", "nsp", "heads")
    }
    labels["head"] = page.t("layer_head")
    _lapse(data=lapse_data(stored, prompt, sentence, page.theme.name, labels), key="time_lapse")


def _chosen(page: LessonPage, key: str, texts: tuple[str, ...]) -> int:
    codes = [str(i) for i in range(len(texts))]
    return int(state.picked(key, page.t(key), codes, "0", lambda i: texts[int(i)]))


def lapse_data(
    stored: Timelapse, prompt: int, sentence: int, theme_name: str, labels: dict[str, str]
) -> bytes:
    """What travels to the browser: a header and uint8[T, L, A, n, n] of one sentence."""
    theme = THEMES[theme_name]
    weights = stored.attention[sentence]
    header: dict[str, object] = {
        "shape": weights.shape[:4],
        "tokens": stored.tokens.tolist(),
        "mlm": stored.mlm.tolist(),
        "nsp": stored.nsp.tolist(),
        "words": [point[prompt] for point in stored.words],
        "probabilities": stored.probabilities[:, prompt].astype(float).round(5).tolist(),
        "pieces": stored.pieces[sentence],
        "palette": theme.sequential,
        "labels": labels,
        "theme": {"ink": theme.ink, "muted": theme.muted, "grid": theme.grid,
                  "accent": theme.accent, "key": theme.key},
    }
    return pack(header, weights)
