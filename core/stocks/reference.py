"""Figures of others, as published or as handed down, to be set beside ours."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Reference:
    """Accuracy in the exercise that this lesson reproduces, for one and three days of input."""

    classifier: str
    one: float
    three: float

    def accuracy(self, window: int) -> float:
        return {1: self.one, 3: self.three}[window]


@dataclass(frozen=True)
class Published:
    """A row of another's table: accuracy as a share, Matthews correlation."""

    model: str
    accuracy: float
    mcc: float


EXERCISE = (
    Reference("knn", 0.442381, 0.593333),
    Reference("logistic", 0.627619, 0.627619),
    Reference("svm", 0.627619, 0.627619),
    Reference("tree", 0.485238, 0.510952),
)
EXERCISE_N = 2100  # the least n for which all its figures are k/n: see `cases`
STOCKNET = (
    Published("StockNet", 0.5823, 0.0808),
    Published("HAN", 0.5764, 0.0518),
    Published("TSLDA", 0.5407, 0.0653),
    Published("random forest", 0.5308, 0.0129),
)
STOCKNET_SOURCE = (
    "Xu and Cohen 2018, Stock Movement Prediction from Tweets and Historical Prices, table 2"
)
SIX_DIGITS = 6


def cases(accuracies: tuple[float, ...], most: int = 5000) -> tuple[int, ...]:
    """Every n up to `most` for which each accuracy is some k/n, written with six digits."""
    return tuple(
        n for n in range(1, most + 1)
        if all(round(round(a * n) / n, SIX_DIGITS) == a for a in accuracies)
    )


def fraction(accuracy: float, n: int) -> Fraction:
    """k/n, not reduced by hand: 0.627619 of 2100 is 1318/2100 = 659/1050."""
    return Fraction(round(accuracy * n), n)
