"""The whole state of the server in one value: what the status page and the metrics show."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.engine import Engine, LocalEngine, chosen_engine
from core.live.jobs import shared_pool
from core.models import registry
from core.observe import machine
from core.observe.recorder import Quantiles, Recorder, recorder

BUSY = ("busy", "queue_full")  # keys of what visitors are told when there is no room
LATELY = 120.0  # seconds that the page's percentiles look back


@dataclass(frozen=True)
class EngineLoad:
    """Where passes run and how busy that is; None where another machine would have to say.

    models : labels of those in memory
    waiting, running : requests in the queues, and in the batches under way
    passes, batches, refused : since the start
    """

    backend: str
    remote: bool
    models: tuple[str, ...] = ()
    waiting: int | None = None
    running: int | None = None
    passes: int | None = None
    batches: int | None = None
    refused: int | None = None


@dataclass(frozen=True)
class JobLoad:
    """Heavy work in processes of its own: how many wait, run, and may run at once."""

    waiting: int = 0
    running: int = 0
    workers: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Snapshot:
    """One look; bytes, seconds, and shares of one core.

    sessions : open browsers; None outside a server
    lately, always : the interactions of the last LATELY seconds, and of all that are kept
    counts : refusals and failures told to visitors, since the start, by the errors' keys
    refused_ago : seconds since somebody was told that there is no room
    processor : cores that the server uses; load : that the whole machine wants
    """

    uptime: float
    sessions: int | None
    lately: Quantiles
    always: Quantiles
    noted: int
    counts: Mapping[str, int]
    refused_ago: float
    engine: EngineLoad
    jobs: JobLoad
    memory: int | None
    memory_limit: int | None
    processor: float
    cores: int
    load: float | None = None

    @property
    def refused(self) -> int:
        """Times that somebody was told that there is no room."""
        return sum(self.counts.get(key, 0) for key in BUSY)


def take(
    sessions: int | None = None, seen: Recorder | None = None, engine: Engine | None = None
) -> Snapshot:
    """Look at everything now; never waits for a forward pass or another machine."""
    seen = seen or recorder()
    return Snapshot(
        uptime=seen.uptime,
        sessions=sessions,
        lately=seen.quantiles(LATELY),
        always=seen.quantiles(),
        noted=seen.noted,
        counts=seen.counts,
        refused_ago=min(seen.ago(key) for key in BUSY),
        engine=engine_load(engine or chosen_engine()),
        jobs=job_load(),
        memory=machine.resident(),
        memory_limit=machine.memory_limit(),
        processor=machine.processor().share(),
        cores=machine.cores(),
        load=machine.load(),
    )


def engine_load(engine: Engine) -> EngineLoad:
    """What an engine of this process says of itself; one elsewhere is not asked."""
    if not isinstance(engine, LocalEngine):
        return EngineLoad(engine.backend, True)
    loads = engine.load()
    return EngineLoad(
        engine.backend,
        False,
        models=tuple(registry.find(model).label for model in loads),
        waiting=sum(load.waiting for load in loads.values()),
        running=sum(load.running for load in loads.values()),
        passes=sum(load.forward_passes for load in loads.values()),
        batches=sum(load.batches for load in loads.values()),
        refused=sum(load.refused for load in loads.values()),
    )


def job_load() -> JobLoad:
    """What the pool of worker processes does."""
    pool = shared_pool()
    waiting, running = pool.load()
    return JobLoad(waiting, running, pool.bounds.workers,
                   sum(machine.resident(pid) or 0 for pid in pool.pids()))
