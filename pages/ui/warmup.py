"""Loads torch and the embedded model once, beside the first visitors, then freezes the heap."""

import gc
import threading

from core.engine import local_engine
from core.errors import InsideBertError
from core.models.registry import EMBEDDED

_started = threading.Event()


def start_warmup() -> None:
    """Begin loading in the background; further calls do nothing."""
    if not _started.is_set():
        _started.set()
        threading.Thread(target=_warm, name="warm-up", daemon=True).start()


def _warm() -> None:
    engine = local_engine()
    try:
        engine.warm(EMBEDDED)
        engine.mask_fill("[MASK]", model=EMBEDDED, top_k=1)
    except InsideBertError:
        return  # the first page that needs the model says why
    # What is loaded by now lives as long as the process: no collection need walk it again.
    gc.collect()
    gc.freeze()
