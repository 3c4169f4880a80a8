"""The server with its warm-up: `streamlit run pages/ui/serve.py`, which is what `make run` does.

Before the first visitor it loads the embedded model in the background and tells Streamlit
that pages come from st.navigation; otherwise a deep link into a fresh server would be looked
up in the pages/ folder and greeted with "Page not found".
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from pages.ui.warmup import start_warmup  # noqa: E402  (needs the path above)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    PagesManager.uses_pages_directory = False
    start_warmup()
    yield


app = st.App(str(ROOT / "app.py"), lifespan=lifespan)
