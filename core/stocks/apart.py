"""Classifiers judged in a worker process: the same report, with progress, and no page waits.

    report = evaluate(shared_pool(), table, settings, tickers, tell)
"""

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Cancelled
from core.live.beside import RESULT, done_beside
from core.live.desk import be_nice
from core.live.jobs import Pool, Status
from core.remote.wire import KINDS, pack, unpack
from core.stocks import evaluation
from core.stocks.evaluation import Fold, Predicted, Report, Row, Settings
from core.stocks.learned import Linear, Tree
from core.stocks.statistics import Scores
from core.stocks.table import TABLE, DayTable, read, write
from core.stocks.watch import Step, Tell

if TYPE_CHECKING:
    from core.live.training import Talk

GIVEN = "given.bin"  # what is asked, beside the table
SECONDS = 3600.0  # longer than any run on a table that a page takes
PAUSE = 0.1  # seconds between two words with the server


@dataclass(frozen=True)
class Asked:
    """What `evaluation.evaluate` is called with beside the table."""

    settings: Settings
    tickers: tuple[str, ...]


OURS = KINDS | {
    kind.__name__: kind
    for kind in (Asked, Settings, Report, Row, Scores, Predicted, Fold, Linear, Tree)
}


def evaluate(
    pool: Pool, table: DayTable, settings: Settings, tickers: Sequence[str] = (),
    tell: Tell | None = None,
) -> Report:
    """As `evaluation.evaluate`. Raises what that does, and as `done_beside`."""

    def told(status: Status) -> bool | None:
        if tell is None:
            return None
        left = status.left if status.done else None
        return tell(Step("fitting", status.done, status.total, status.rate, left))

    with tempfile.TemporaryDirectory(prefix="inside-bert-") as folder:
        write(table, Path(folder) / TABLE)
        (Path(folder) / GIVEN).write_bytes(pack(Asked(settings, tuple(tickers)), OURS))
        made = done_beside(pool, "stocks", {"folder": folder}, told, SECONDS)
    found: Report = unpack(made, OURS)
    return found


def work(spec: dict[str, Any], folder: Path, talk: "Talk") -> None:
    """In the worker: the job as `core.live.worker` calls it.

    The classifiers learn in a thread of their own, so that the worker hears between their steps
    that it is to stop, and answers short questions.
    """
    given = Path(spec["folder"])
    asked: Asked = unpack((given / GIVEN).read_bytes(), OURS)
    run = _Run(read(given / TABLE), asked)
    run.start()
    try:
        while run.is_alive():
            run.join(PAUSE)
            talk.tick(run.done, run.total)
    finally:
        run.wanted = False
    if run.error is not None:
        raise run.error
    (folder / RESULT).write_bytes(pack(run.report, OURS))


class _Run(threading.Thread):
    """done, total : steps so far; wanted : set it to False to end it at its next step"""

    def __init__(self, table: DayTable, asked: Asked) -> None:
        super().__init__(name="classifiers", daemon=True)
        self._table, self._asked = table, asked
        self.done = self.total = 0
        self.wanted = True
        self.report: Report | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        be_nice()  # the pages come first
        try:
            self.report = evaluation.evaluate(
                self._table, self._asked.settings, self._asked.tickers, self._step
            )
        except Cancelled:
            pass  # nobody looks at this thread any more
        except Exception as error:
            self.error = error

    def _step(self, step: Step) -> bool:
        self.done, self.total = step.done, step.total
        return self.wanted
