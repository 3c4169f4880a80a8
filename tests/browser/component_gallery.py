"""The components with made-up numbers and hostile names, for the browser tests.

    python -m streamlit run tests/browser/component_gallery.py
"""

import numpy as np
import streamlit as st

from pages import ui

HOSTILE = "<img src=x onerror=\"window.owned=1\">"
WORDS = ["[CLS]", "the", "river", "##bank", HOSTILE, "[SEP]"]
LAYERS, HEADS = 2, 4


def weights(*shape: int) -> np.ndarray:
    """Rows that sum to one, peaked like attention."""
    raw = np.exp(3 * np.random.default_rng(7).normal(size=shape))
    return (raw / raw.sum(-1, keepdims=True)).astype(np.float32)


def main() -> None:
    n = len(WORDS)
    st.button("again")
    if cell := ui.heat("cells", weights(n, n), WORDS, WORDS, label=HOSTILE,
                       selected=st.session_state.get("cell")):
        st.session_state["cell"] = cell
        st.rerun()
    ui.heat("half", np.where(np.tri(n, dtype=bool), weights(n, n), -np.inf), WORDS, WORDS,
            shown=np.tri(n, dtype=bool))
    grid = np.rint(weights(LAYERS, HEADS, n, n) * 255).astype(np.uint8)
    if head := ui.head_grid("heads", grid, WORDS, selected=st.session_state.get("head", (0, 0))):
        st.session_state["head"] = head
        st.rerun()
    ui.tokens("chips", WORDS, sublabels=[HOSTILE] * n, label=HOSTILE)
    st.text(f"cell {st.session_state.get('cell')} head {st.session_state.get('head')}")


if __name__ == "__main__":
    main()
