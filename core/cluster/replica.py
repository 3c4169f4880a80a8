"""What one replica does: the local engine with one model, asked from many requests at once."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from core.engine.local import LocalEngine
from core.remote import failures
from core.remote.service import answer

TOGETHER = 64  # requests a replica works on at once; its engine puts them into batches


class Replica:
    """Answers packed calls for one model.

    The engine's own micro-batching forms the batches, by word pieces and not by requests, with
    the same code as on one machine; the threads only wait for their answers.
    """

    def __init__(self, model: str, device: str = "auto") -> None:
        self._engine, self._model = LocalEngine(device), model
        self._engine.warm(model)
        self._threads = ThreadPoolExecutor(TOGETHER, thread_name_prefix="call")

    async def answer(self, method: str, message: bytes) -> tuple[int, bytes]:
        """The HTTP status and body of a call's answer."""
        loop = asyncio.get_running_loop()
        try:
            return 200, await loop.run_in_executor(
                self._threads, answer, self._engine, method, message
            )
        except Exception as error:
            return failures.status(error), json.dumps(failures.written(error)).encode()

    def check_health(self) -> None:
        """Raises RuntimeError where no pass could be made; Ray then starts another replica."""
        if not self._engine.ready(self._model):
            raise RuntimeError(f"{self._model} is not in memory")
