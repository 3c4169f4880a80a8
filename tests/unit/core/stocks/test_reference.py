"""The figures that the exercise hands down: what they can and cannot be."""

from core.stocks.reference import EXERCISE, EXERCISE_N, cases, fraction

EVERY = tuple(a for row in EXERCISE for a in (row.one, row.three))


def test_all_figures_are_shares_of_2100_days_and_of_no_smaller_number():
    assert cases(EVERY)[0] == EXERCISE_N == 2100
    assert [int(fraction(a, 2100) * 2100) for a in sorted(set(EVERY))] == [
        929, 1019, 1073, 1246, 1318,
    ]


def test_the_figure_that_stands_four_times_is_659_of_1050():
    """0.627619: six equal digits for two classifiers and two inputs is one constant answer."""
    repeated = [a for a in EVERY if a == 0.627619]
    assert len(repeated) == 4
    assert str(fraction(0.627619, 2100)) == "659/1050"
    assert round(659 / 1050, 6) == round(1318 / 2100, 6) == 0.627619
