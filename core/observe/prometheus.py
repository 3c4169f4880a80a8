"""The server's state for Prometheus: read when it is scraped, nothing runs in between.

    inside_bert_forward_passes_total 17.0
    inside_bert_interaction_seconds_bucket{kind="fragment",le="0.3",page="attention"} 410.0
"""

import os
from collections.abc import Callable, Iterable

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from core.observe.recorder import BOUNDS, Histogram, Recorder, recorder
from core.observe.snapshot import Snapshot, take

SETTING = "INSIDE_BERT_METRICS"  # "on" opens the address
PREFIX = "inside_bert_"


class Server(Collector):
    """Collects one `Snapshot` a scrape.

    look : takes it; seen : where the interactions are
    """

    def __init__(self, look: Callable[[], Snapshot] = take, seen: Recorder | None = None) -> None:
        self._look, self._seen = look, seen or recorder()

    def collect(self) -> Iterable[Metric]:
        now = self._look()
        yield from _gauges(now)
        yield from _counters(now)
        backend = InfoMetricFamily(PREFIX + "engine", "Where forward passes run")
        backend.add_metric([], {"backend": now.engine.backend})
        yield backend
        yield _interactions(self._seen.histograms())


def _gauges(now: Snapshot) -> Iterable[Metric]:
    engine, jobs = now.engine, now.jobs
    for name, about, value in (
        ("sessions", "Browsers connected now", now.sessions),
        ("queue_depth", "Requests that wait for a forward pass", engine.waiting),
        ("models_in_memory", "Models whose weights are loaded", len(engine.models)),
        ("jobs_waiting", "Heavy jobs that wait for a worker process", jobs.waiting),
        ("jobs_running", "Heavy jobs that run", jobs.running),
        ("memory_bytes", "Resident memory of the server", now.memory),
        ("worker_memory_bytes", "Resident memory of the worker processes", jobs.memory),
        ("uptime_seconds", "Since the server started", now.uptime),
        ("processor_cores", "Cores in use by the server, lately", now.processor),
        ("machine_load", "Processes of the whole machine that want a core", now.load),
    ):
        if value is not None:
            yield GaugeMetricFamily(PREFIX + name, about, float(value))


def _counters(now: Snapshot) -> Iterable[Metric]:
    engine = now.engine
    for name, about, value in (
        ("forward_passes", "Requests that a forward pass was made for", engine.passes),
        ("batches", "Batches run, each of one or more requests", engine.batches),
        ("refused", "Requests that the full queue refused", engine.refused),
    ):
        if value is not None:
            yield CounterMetricFamily(PREFIX + name, about, float(value))
    told = CounterMetricFamily(
        PREFIX + "told", "Times that visitors were told of an error, by its key", labels=["what"]
    )
    for what, count in sorted(now.counts.items()):
        told.add_metric([what], float(count))
    yield told


def _interactions(found: Iterable[Histogram]) -> Metric:
    family = HistogramMetricFamily(
        PREFIX + "interaction_seconds", "From a visitor's act to the end of the server's answer",
        labels=["page", "kind"],
    )
    bounds = [*map(str, BOUNDS), "+Inf"]
    for one in found:
        buckets = list(zip(bounds, map(float, one.counts), strict=True))
        family.add_metric([one.page, one.kind], buckets, one.seconds)
    return family


def wanted() -> bool:
    """Whether this server shows its metrics."""
    return os.environ.get(SETTING, "").strip().lower() == "on"


def exposition(collector: Collector, accept: str = "") -> tuple[bytes, str]:
    """What a scrape gets, and its content type: Prometheus' text, or OpenMetrics where asked."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    encode, kind = choose_encoder(accept)
    return encode(registry), kind
