"""The machine's clock jumps by hours: nothing that waits, expires or is measured notices."""

import ast
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from core.contract import TraceRequest
from core.engine.local import Limits
from core.engine.stub import StubEngine
from core.errors import Busy
from core.live import tuning
from core.live.jobs import Bounds
from core.live.plan import Plan
from core.stocks.disk import Shelf
from pages.ui import address

ROOT = Path(__file__).parents[2]
WALL = {"time", "time_ns", "now", "utcnow", "today", "localtime", "gmtime", "ctime"}
OWNERS = {"time", "datetime", "date", "dt"}
# What is stored for other processes and other days needs the date; nothing else does.
MEANT = {
    "core/stocks/disk.py": "the age of an answer on disk, from one start of the server to the next",
    "core/stocks/live.py": "today's date, and with it the days that have a price",
    "pages/ui/address.py": "once at the start, to be later than the server before",
}


def wall_clocks(path: Path) -> set[str]:
    """Names by which a file reads the clock on the wall: time.time, datetime.now ..."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) \
                and node.value.id in OWNERS and node.attr in WALL:
            found.add(f"{node.value.id}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found |= {f"time.{name.name}" for name in node.names if name.name in WALL}
    return found


@pytest.mark.parametrize("folder", ["core", "pages", "lessons"])
def test_no_deadline_expiry_or_rate_reads_the_clock_on_the_wall(folder):
    for path in (ROOT / folder).rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name not in MEANT and not name.startswith("core/training/"):  # stamps of what is shipped
            assert not wall_clocks(path), name


def test_the_list_of_those_that_may_is_true():
    for name in MEANT:
        assert wall_clocks(ROOT / name), name


@pytest.fixture(params=[+5, -5], ids=["5 hours on", "5 hours back"])
def jump(request, monkeypatch):
    """Call it to move the clock on the wall; monotonic ones go on as they do on a machine."""
    real, real_ns = time.time, time.time_ns
    moved = [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + moved[0])
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + int(moved[0] * 1e9))

    def now() -> None:
        moved[0] = 3600.0 * request.param

    return now


def blocked(deadline: float) -> tuple[StubEngine, threading.Event]:
    """An engine whose batches' thread is busy until the event is set."""
    engine, held = StubEngine(Limits(deadline=deadline)), threading.Event()
    engine.warm("embedded")

    def block() -> None:
        with suppress(Busy):
            engine._models["embedded"].alone(lambda *_: held.wait(20))

    threading.Thread(target=block, daemon=True).start()
    time.sleep(0.1)
    return engine, held


def test_who_waits_in_the_queue_is_answered_although_the_clock_jumps(jump):
    engine, held = blocked(deadline=20.0)
    with ThreadPoolExecutor(1) as one:
        waiting = one.submit(engine.trace, TraceRequest("Early."))
        time.sleep(0.2)
        jump()
        held.set()
        assert waiting.result(20).layers


def test_who_waits_in_vain_is_told_busy_at_the_deadline(jump):
    engine, held = blocked(deadline=0.7)
    begun = time.monotonic()
    threading.Timer(0.2, jump).start()
    with pytest.raises(Busy):
        engine.trace(TraceRequest("Late."))
    assert 0.5 < time.monotonic() - begun < 5
    held.set()


def test_a_job_is_neither_cancelled_nor_ended_and_its_seconds_are_true(pool, lines, bert, jump):
    pool.bounds = Bounds(workers=1, silence=30.0, keep_seconds=600.0, idle=600.0)
    plan = Plan("all", epochs=200, batch=1, rate=1e-4)
    job = tuning.start(pool, lines, plan, model=bert, owner="a", seconds=100.0)
    end = time.monotonic() + 200
    while not pool.beat(job).done and time.monotonic() < end:
        time.sleep(0.05)
    jump()
    time.sleep(1.2)  # the pool looks twice a second at who has gone and what lasts too long
    status = pool.beat(job)
    assert status.state == "running" and 0 < status.seconds < 200 and status.rate > 0
    pool.stop(job)
    assert pool.wait(job, 100).state == "done"
    assert tuning.outcome(pool, job).seconds < 300


def test_the_address_bar_follows_a_page_whose_server_has_its_clock_put_back(jump, monkeypatch):
    stamps: list[int] = []
    monkeypatch.setattr(address, "_follow", lambda data, **_: stamps.append(data["stamp"]))
    monkeypatch.setattr(address.st, "session_state", {})
    for _ in range(2):
        address.finish()
        jump()
    assert 0 < stamps[1] - stamps[0] < 60 * 10**6  # microseconds


def test_an_answer_stored_before_the_clock_was_put_back_is_no_fresh_one_for_years(tmp_path):
    now = [10_000_000.0]
    shelf = Shelf(tmp_path, lambda: now[0])
    shelf.put("k", 1)
    now[0] -= 5 * 365 * 86400.0
    assert shelf.get("k")[1] == 5 * 365 * 86400.0
