"""How many threads the libraries may use: one each, so that requests share the cores.

With more, OpenMP's barriers spin while they wait, and every session waits with them.
"""

import os
import sys

THREADS_SETTING = "INSIDE_BERT_THREADS"
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # read when loaded


def chosen() -> int:
    """INSIDE_BERT_THREADS, without it 1."""
    return int(os.environ.get(THREADS_SETTING, "1"))


def announce() -> None:
    """For libraries that are not loaded yet, here and in processes started from here."""
    for name in POOLS:
        os.environ.setdefault(name, str(chosen()))


def bound() -> None:
    """For those that are loaded already, whatever the environment said then."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(chosen())
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(chosen())
