"""Where forward passes run. `local_engine()` is the one of this process; importing it is cheap."""

from core.engine.local import LocalEngine, local_engine
from core.engine.protocol import Engine

__all__ = ["Engine", "LocalEngine", "local_engine"]
