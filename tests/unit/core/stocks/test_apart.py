"""Classifiers in a worker process: the same report to the bit, progress, a stop, and the errors."""

from dataclasses import fields, replace

import numpy as np
import pytest

from core.errors import Cancelled, InsideBertError
from core.live.jobs import Bounds, Pool
from core.stocks import apart
from core.stocks.evaluation import Settings, evaluate
from tests.small_days import small_days

FEW = Settings(classifiers=("majority", "knn", "logistic", "tree"), draws=50, folds=2, jobs=1)


@pytest.fixture(scope="module")
def pool():
    found = Pool(Bounds(workers=1, silence=1000.0))
    yield found
    found.close()


def same(one, other):
    """Equal in every field but the seconds it took; arrays to the bit, with NaN equal to NaN."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    elif isinstance(one, dict):
        assert one == other
    elif isinstance(one, tuple):
        for a, b in zip(one, other, strict=True):
            same(a, b)
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):
            if field.name != "seconds":
                same(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other or (one != one and other != other)


@pytest.mark.parametrize("tickers", [(), ("AAA", "CCC")])
def test_the_report_of_a_worker_is_the_one_made_here(pool, tickers):
    told, table = [], small_days()
    there = apart.evaluate(pool, table, FEW, tickers, told.append)
    same(there, evaluate(table, FEW, tickers))
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert {step.what for step in told} == {"fitting"}
    assert not pool._entries and not [*pool._root.iterdir()]


def test_a_run_that_is_stopped_frees_its_worker(pool):
    with pytest.raises(Cancelled):
        apart.evaluate(pool, small_days(days=400), replace(FEW, draws=2000), tell=lambda _: False)
    assert apart.evaluate(pool, small_days(), FEW).n


def test_what_is_wrong_with_the_days_is_told_as_it_is_here(pool):
    table = small_days().between("2015-01-05", "2015-02-05")
    with pytest.raises(InsideBertError) as here:
        evaluate(table, FEW)
    with pytest.raises(InsideBertError) as there:
        apart.evaluate(pool, table, FEW)
    assert there.value.key == here.value.key and str(there.value) == str(here.value)
