"""The controls of the small network, shared by the page's views."""

from typing import cast

import streamlit as st

from core.vectors.live import Output, Settings
from core.vectors.windows import Kind
from pages.ui import LessonPage

RATES = ("0.025", "0.05", "0.1", "0.2")


def kind_of_network(page: LessonPage) -> Kind:
    return cast(Kind, page.control_choice(
        "net", page.t("net"), ["skipgram", "cbow"], "skipgram", lambda k: page.t(f"net_{k}")
    ))


def window_size(page: LessonPage) -> int:
    return page.control_integer("win", page.t("window"), 1, 5, 2)


def network(page: LessonPage) -> Settings:
    """Kind and output layer in sight, the rest to be opened."""
    left, right = st.columns(2)
    with left:
        kind = kind_of_network(page)
    with right:
        output = cast(Output, page.control_choice(
            "out", page.t("out"), ["negative", "softmax"], "negative",
            lambda o: page.t(f"out_{o}"),
        ))
    with st.expander(page.t("settings"), icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            window = window_size(page)
            size = page.control_integer("dims", page.t("dims"), 2, 16, 8)
            rate = page.control_choice("rate", page.t("rate"), list(RATES), "0.1")
        with right:
            negatives = page.control_integer("neg", page.t("negatives"), 1, 10, 5)
            seed = page.control_integer("start", page.t("seed"), 0, 20, 0)
    return Settings(kind, output, size, window, negatives, float(rate), seed)
