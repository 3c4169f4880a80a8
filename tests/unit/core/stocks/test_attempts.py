"""Asking again: longer and longer pauses that vary, and only where it can help."""

import pytest

from core.errors import QuotesEmpty, QuotesLimited, QuotesOffline, QuotesUnreadable, UnknownTicker
from core.stocks import attempts
from core.stocks.attempts import ATTEMPTS, retried
from core.stocks.watch import Watch


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(attempts, "_wait", lambda seconds, watch: found.append(seconds))
    return found


def failing(*errors: Exception):
    left = list(errors)

    def fetch() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return fetch


def test_pauses_double_and_vary_between_half_and_all_of_their_length(pauses):
    starts = set()
    for _ in range(20):
        pauses.clear()
        fetch = failing(QuotesOffline(), QuotesUnreadable())
        assert retried(fetch, Watch("x", 1), pause=2.0) == "answer"
        first, second = pauses
        assert 1.0 <= first <= 2.0 and 2.0 <= second <= 4.0
        starts.add(first)
    assert len(starts) > 1


def test_the_longest_pause_has_a_bound(pauses):
    retried(failing(QuotesLimited()), Watch("x", 1), pause=1000.0)
    assert pauses[0] <= attempts.LONGEST_PAUSE


@pytest.mark.parametrize("error", [UnknownTicker("X"), QuotesEmpty("X"), ZeroDivisionError()])
def test_what_asking_again_cannot_help_is_raised_at_once(pauses, error):
    with pytest.raises(type(error)):
        retried(failing(error), Watch("x", 1))
    assert pauses == []


def test_after_the_last_attempt_its_error_is_raised(pauses):
    with pytest.raises(QuotesLimited):
        retried(failing(*[QuotesLimited()] * ATTEMPTS), Watch("x", 1))
    assert len(pauses) == ATTEMPTS - 1
