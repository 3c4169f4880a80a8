"""Four small diagrams of a head on the encoder, each with the tasks of its shape to choose from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from lessons.theme import THEMES
from pages.ui.components.layer_block import WIRES
from pages.ui.components.packing import pack, source, style

_cards = st.components.v2.component(
    "inside_bert_task_cards", js=WIRES + source("task_cards"), css=style("task_cards")
)
COLOURS = ("ink", "muted", "grid", "accent", "segment")


@dataclass(frozen=True)
class Choice:
    """A task's code and its name in the learner's language."""

    id: str
    name: str


@dataclass(frozen=True)
class Card:
    """shape : sentence, pair, span or tags"""

    shape: str
    title: str
    tasks: tuple[Choice, ...]


def task_cards(
    key: str, cards: Sequence[Card], *, chosen: str, label: str = ""
) -> str | None:
    """Draw the cards and return the code of the task that was just clicked, if any."""
    theme = THEMES["dark" if st.context.theme.type == "dark" else "light"]
    data = pack({
        "cards": [asdict(card) for card in cards],
        "chosen": chosen,
        "label": label,
        "theme": {name: getattr(theme, name) for name in COLOURS},
    })
    picked = _cards(data=data, key=key, on_task_change=_nothing).task
    return str(picked) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
