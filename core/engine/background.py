"""A model loaded beside other work."""

import threading
from collections.abc import Callable

from core.errors import InsideBertError


def start_loading(warm: Callable[[str], None], model: str) -> threading.Thread:
    """Call an engine's `warm` in a thread; a failure shows when the model is asked for."""

    def quietly() -> None:
        try:
            warm(model)
        except InsideBertError:
            pass

    thread = threading.Thread(target=quietly, name=f"load {model}", daemon=True)
    thread.start()
    return thread
