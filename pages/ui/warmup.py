"""Readies the server before and beside the first visitors, then freezes the heap."""

import gc
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

from core.engine import LocalEngine, chosen_engine, threads
from core.errors import InsideBertError
from core.live import jobs
from core.models.registry import EMBEDDED
from core.observe import logs
from pages.ui import lookup, outbox, reconnect

threads.announce()  # here, before anything loads torch

_started = threading.Event()


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Around the life of the server.

    Until st.navigation first runs, Streamlit takes a folder called pages/ for its older kind
    of multi-page app, and greets a link to a lesson with "Page not found".
    """
    PagesManager.uses_pages_directory = False
    outbox.install()
    lookup.install()
    reconnect.install()
    import pandas  # noqa: F401  # Plotly takes it also while another thread half has it

    logs.set_up()
    logs.info("started")
    start_warmup()
    yield
    logs.info("stopped")


def start_warmup() -> None:
    """Begin loading the embedded model in the background; further calls do nothing."""
    if not _started.is_set():
        _started.set()
        threading.Thread(target=_warm, name="warm-up", daemon=True).start()


def _warm() -> None:
    threads.bound()
    engine, began = chosen_engine(), time.monotonic()
    if isinstance(engine, LocalEngine) and jobs.wanted():
        engine.workers = jobs.shared_pool
    try:
        engine.warm(EMBEDDED)
        engine.mask_fill("[MASK]", model=EMBEDDED, top_k=1)
    except InsideBertError as error:
        logs.warning("not ready", model=EMBEDDED, error=type(error).__name__)
        return  # the first page that needs the model says why
    logs.adopt_libraries()
    logs.info("ready", model=EMBEDDED, backend=engine.backend, seconds=time.monotonic() - began)
    # What is loaded by now lives as long as the process: no collection need walk it again.
    gc.collect()
    gc.freeze()
