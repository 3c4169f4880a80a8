"""A full disk: what was computed is still shown, and no half file is ever read as a whole one."""

import errno
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import shortage
from core.errors import DiskFull, OutOfMemory
from core.live import jobs
from core.live.jobs import Bounds, Job, Pool
from core.models import hub, registry
from core.stocks.disk import Shelf
from core.stocks.live import Live
from core.stocks.readings import Readings, read_all
from pages.ui.course import stop_of
from pages.ui.failures import sentence_for
from tests.unit.core.stocks.conftest import _no_network, fresh_yfinance, loopback, yahoo

__all__ = ["_no_network", "fresh_yfinance", "loopback", "yahoo"]

ROOT = Path(__file__).parents[2]
FULL = OSError(errno.ENOSPC, "No space left on device")
TEXTS = [f"text {n}" for n in range(50)]
SAYS = {"en": "disk is full", "zh": "磁盘已满"}


def test_a_stored_answer_stays_the_old_one_and_nothing_half_written_is_left(tmp_path, full_disk):
    shelf = Shelf(tmp_path)
    shelf.put("k", "old")
    with full_disk(100):
        shelf.put("k", "new" * 1000)
        shelf.put("another", "new" * 1000)
    assert shelf.get("k")[0] == "old" and shelf.get("another") is None
    assert len(list(tmp_path.iterdir())) == 1
    shelf.put("k", "new")
    assert shelf.get("k")[0] == "new"


def read(texts):
    rng = np.random.default_rng(len(texts))
    n = len(texts)
    return Readings(rng.random((n, 3), np.float32), rng.random((n, 8), np.float32))


@pytest.mark.parametrize("room", [0, 700, 1500])
def test_the_texts_of_the_stock_lesson_are_read_although_none_can_be_kept(
    tmp_path, full_disk, room
):
    with full_disk(room):
        found, whose = read_all(TEXTS, read, weights="w", cache=tmp_path / "readings")
    expected, _ = read_all(TEXTS, read, weights="w")
    assert np.array_equal(found.vectors, expected.vectors) and len(whose) == len(TEXTS)
    assert list((tmp_path / "readings").iterdir()) == []


def test_a_slice_that_was_cut_off_is_read_again(tmp_path):
    """As a server leaves it that was ended while it wrote, before files were put in whole."""
    expected, _ = read_all(TEXTS, read, weights="w", cache=tmp_path)
    path, = tmp_path.iterdir()
    whole = path.read_bytes()
    for kept in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:kept])
        found, _ = read_all(TEXTS, read, weights="w", cache=tmp_path)
        assert np.allclose(found.vectors, expected.vectors, atol=1e-3)


def test_todays_prices_are_shown_although_nothing_of_them_can_be_kept(
    tmp_path, loopback, full_disk
):
    """yfinance has files of its own, which it would fail over: it gets none."""
    source = Live(folder=tmp_path / "quotes", session=loopback, pause=0.001,
                  now=lambda: datetime(2024, 7, 12, 20, 30, tzinfo=UTC))
    with full_disk():
        assert len(source.prices(["AAL"])) > 5
        assert len(source.tweets(["AAL"])) > 0
    assert not list((tmp_path / "quotes").iterdir())


def test_a_download_from_the_hub_that_fills_the_disk_says_so(monkeypatch):
    import huggingface_hub

    def fills(*args, local_files_only=False, **options):
        raise FileNotFoundError if local_files_only else FULL

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fills)
    with pytest.raises(DiskFull) as told:
        hub.folder(registry.find("bert-base-uncased"))
    for language, said in SAYS.items():
        assert said in sentence_for(told.value, language)


def test_a_folder_for_results_that_cannot_be_made_is_the_jobs_failure_and_not_the_pages(
    monkeypatch
):
    def full(prefix):
        raise FULL

    monkeypatch.setattr(jobs.tempfile, "mkdtemp", full)
    pool = Pool(Bounds(workers=1))
    pool.warm()
    job = pool.submit(Job("train", {}), owner="a")
    assert isinstance(pool.status(job).error, DiskFull)
    pool.close()


# Everywhere else


@pytest.mark.parametrize("error, kind", [
    (FULL, DiskFull), (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
    (RuntimeError("I/O error: No space left on device (os error 28)"), DiskFull),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), OutOfMemory), (MemoryError(), OutOfMemory),
    (OSError(errno.EACCES, "Permission denied"), type(None)), (KeyError("x"), type(None)),
])
def test_what_ran_out_is_told_from_other_failures(error, kind):
    assert type(shortage.named(error)) is kind


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_whose_work_meets_a_full_disk_says_so_and_keeps_what_was_typed(
    monkeypatch, language
):
    from lessons.wordpiece import lesson

    def full(engine, request):
        raise FULL

    monkeypatch.setattr(lesson, "run", full)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["lang"], app.query_params["text"] = language, "A quiet zebra."
    app.switch_page(str(stop_of("wordpiece").file.relative_to(ROOT))).run()
    assert not app.exception
    assert [SAYS[language] in box.value for box in app.warning] == [True]
    assert app.text_area(key="text").value == "A quiet zebra."
