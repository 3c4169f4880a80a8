"""Whoever has had least goes first, a rest earns nothing, and what comes first is known."""

from hypothesis import given
from hypothesis import strategies as st

from core.engine.turns import Turns


def order(queue, turns=None):
    """Askers in the order in which they are served; queue : (asker, cost), as they came."""
    turns, left, served = turns or Turns(), list(queue), []
    while left:
        who = turns.next(asker for asker, _ in left)
        found = next(one for one in left if one[0] == who)
        left.remove(found)
        turns.choose(*found)
        served.append(who)
    return "".join(served)


def test_equal_requests_of_three_askers_take_turns():
    assert order([("a", 1)] * 3 + [("b", 1)] * 2 + [("c", 1)]) == "abcaba"


def test_a_costly_request_is_followed_by_as_much_of_the_others():
    """After a's 10 the clocks say a 10, b 0: ten of b's come before a's next."""
    assert order([("a", 10)] * 2 + [("b", 1)] * 12) == "abbbbbbbbbbabb"


def test_one_who_comes_late_is_neither_paid_for_waiting_nor_made_to_wait_for_the_past():
    turns = Turns()
    for _ in range(5):
        turns.choose("a", 100)  # alone: the last began at 400 and ends at 500
    assert turns.clock("b") == 400
    assert order([("a", 100), ("b", 100), ("a", 100), ("b", 100)], turns) == "baba"


def test_what_runs_beside_anothers_request_is_counted_too():
    turns = Turns()
    turns.choose("a", 1)
    turns.charge("b", 30)
    assert turns.next(["b", "c", "a"]) == "c"
    assert (turns.clock("a"), turns.clock("b"), turns.clock("c")) == (1, 30, 0)


def test_after_a_rest_all_begin_anew():
    turns = Turns()
    turns.choose("a", 500)
    turns.rest()
    assert turns.clock("a") == turns.clock("b") == 0


def test_a_newcomer_has_only_a_turn_of_each_before_him_and_the_greedy_all_his_own():
    """a has 500 in the queue, b 40, both clocks at 0; c begins at once, a's next after its 500."""
    turns, waiting = Turns(), {"a": 500.0, "b": 40.0}
    assert turns.before("c", 0, waiting) == 0
    assert turns.before("c", 30, waiting) == 30 + 30 + 30
    assert turns.before("a", 0, waiting) == 500 + 40
    assert turns.before("b", 0, waiting) == 40 + 40


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50)), max_size=30))
def test_nobody_gets_ahead_of_one_who_waits_by_more_than_a_request_each(queue):
    """While both have requests waiting, what they were given differs by at most one of each.

    Source: Goyal, Vin and Cheng 1996, theorem 1, with equal weights.
    """
    turns, left = Turns(), list(queue)
    largest = {who: max((c for w, c in queue if w == who), default=0) for who in "abc"}
    given_ = dict.fromkeys("abc", 0)
    while left:
        who = turns.next(asker for asker, _ in left)
        found = next(one for one in left if one[0] == who)
        turns.choose(*found)
        left.remove(found)
        given_[who] += found[1]
        waiting = {asker for asker, _ in left}
        for one in waiting:
            for other in waiting:
                assert given_[one] - given_[other] <= largest[one] + largest[other]
