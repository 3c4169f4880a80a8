"""Work that a worker process does while the caller waits: bytes come back, progress on the way.

    made = done_beside(shared_pool(), "sweep", spec, tell)
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

from core.errors import Cancelled
from core.live.errors import WorkerDied
from core.live.jobs import Job, Pool, Status

RESULT = "result.bin"  # what such a job leaves in its folder
LOOK = 0.05  # seconds between two looks at it

Tell = Callable[[Status], bool | None]  # hears how it stands; False cancels


def done_beside(
    pool: Pool, kind: str, spec: dict[str, Any], tell: Tell | None = None, seconds: float = 600.0
) -> bytes:
    """What the job left. It is cancelled when the caller is interrupted, as by a browser's leaving.

    A worker that dies is replaced, and the job done once more.

    Raises `Cancelled`, `QueueFull`, `WorkerDied`, `TookTooLong`, and why the job failed.
    """
    job, told = Job(kind, spec, seconds), tell or (lambda status: None)
    try:
        return _done(pool, job, told)
    except WorkerDied:
        return _done(pool, job, told)


def _done(pool: Pool, job: Job, tell: Tell) -> bytes:
    name = pool.submit(job, owner=uuid.uuid4().hex)  # one owner has one job: this one's own
    try:
        while (status := pool.beat(name)).active:
            if tell(status) is False:
                raise Cancelled
            time.sleep(LOOK)
        if status.state == "cancelled":
            raise Cancelled
        return (pool.folder(name) / RESULT).read_bytes()
    finally:
        pool.drop(name)
