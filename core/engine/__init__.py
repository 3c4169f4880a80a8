"""Where forward passes run. `chosen_engine()` is the one to ask; importing it is cheap."""

from core.engine.chosen import chosen_engine, is_remote
from core.engine.local import LocalEngine, local_engine
from core.engine.protocol import Engine

__all__ = ["Engine", "LocalEngine", "chosen_engine", "is_remote", "local_engine"]
