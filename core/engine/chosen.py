"""Which engine this process asks: its own, or the one that a setting names."""

import os
from functools import cache

from core.engine.local import local_engine
from core.engine.protocol import Engine

ENGINE_SETTING = "INSIDE_BERT_ENGINE"  # http://host:port of core.remote.service or a cluster


@cache
def _remote(address: str) -> Engine:
    from core.remote.engine import RemoteEngine

    return RemoteEngine(address)


def chosen_engine() -> Engine:
    """The engine at the address in INSIDE_BERT_ENGINE, without it the local one."""
    address = os.environ.get(ENGINE_SETTING, "").strip()
    return _remote(address) if address else local_engine()


def is_remote() -> bool:
    """Whether another process answers."""
    return bool(os.environ.get(ENGINE_SETTING, "").strip())
