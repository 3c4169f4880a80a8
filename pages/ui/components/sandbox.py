"""A page of foreign JavaScript in a frame of its own, cut off from the app around it.

`st.iframe` gives what it embeds the app's own origin. Here the frame may run scripts and nothing
else: its origin is nobody's, so it reads no cookie, no storage and nothing of the page.
"""

import numpy as np
import streamlit as st

from pages.ui.components.packing import pack, source, style

_sandbox = st.components.v2.component(
    "inside_bert_sandbox", js=source("sandbox"), css=style("sandbox")
)


def sandbox(key: str, html: str, *, label: str, height: int = 400, drawn: str = "") -> None:
    """Show a whole HTML document.

    label : the frame's name for screen readers; height : until the document says its own
    drawn : a sentence with {elements} and {seconds}, shown once the document has said both
    """
    header: dict[str, object] = {"label": label, "height": height, "drawn": drawn}
    _sandbox(data=pack(header, np.frombuffer(html.encode("utf-8"), np.uint8)), key=key)
