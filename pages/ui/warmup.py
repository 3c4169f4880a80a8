"""Readies the server before and beside the first visitors, then freezes the heap."""

import gc
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and torch read it; see engine.local

from core.engine import chosen_engine
from core.errors import InsideBertError
from core.models.registry import EMBEDDED

_started = threading.Event()


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Around the life of the server.

    Until st.navigation first runs, Streamlit takes a folder called pages/ for its older kind
    of multi-page app, and greets a link to a lesson with "Page not found".
    """
    PagesManager.uses_pages_directory = False
    start_warmup()
    yield


def start_warmup() -> None:
    """Begin loading the embedded model in the background; further calls do nothing."""
    if not _started.is_set():
        _started.set()
        threading.Thread(target=_warm, name="warm-up", daemon=True).start()


def _warm() -> None:
    engine = chosen_engine()
    try:
        engine.warm(EMBEDDED)
        engine.mask_fill("[MASK]", model=EMBEDDED, top_k=1)
    except InsideBertError:
        return  # the first page that needs the model says why
    # What is loaded by now lives as long as the process: no collection need walk it again.
    gc.collect()
    gc.freeze()
