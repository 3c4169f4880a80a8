"""Streamlit's server, with every batch of forward passes noted in a file.

    python -m bench.load.counted FILE run app.py [options of Streamlit]

The file grows by one byte a batch, which says how many sequences were in it.
"""

import sys
from pathlib import Path
from typing import Any

MOST = 255


def noted(file: Path) -> list[int]:
    """Sequences in each batch so far."""
    return list(file.read_bytes())


def main() -> None:
    log = open(sys.argv.pop(1), "ab", buffering=0)
    from core.trace import forward

    really = forward.trace_batch

    def trace_batch(module: Any, info: Any, items: Any, **how: Any) -> Any:
        log.write(bytes([min(MOST, len(items))]))
        return really(module, info, items, **how)

    forward.trace_batch = trace_batch
    from streamlit.web import cli

    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
