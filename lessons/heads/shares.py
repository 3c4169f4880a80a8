"""How much each head moves one piece, and one coordinate of the output as a sum."""

from dataclasses import dataclass

import numpy as np

from lessons.heads.lesson import Result


@dataclass(frozen=True)
class Shares:
    """lengths : float64[A], the norm of W^O_h z_h; bias_length, output_length : norms beside it

    along : float64[A], the part of the output's length that a head makes, in the output's own
    direction: (c_h . o) / (o . o). With bias_along they add up to 1; below 0 pulls back.
    """

    lengths: np.ndarray
    bias_length: float
    output_length: float
    along: np.ndarray
    bias_along: float


def shares(result: Result) -> Shares:
    """The heads' parts in the output at this piece, from their contributions."""
    added, bias, output = (
        a.astype(np.float64) for a in (result.contributions, result.output_bias, result.output)
    )
    whole = added.sum(0) + bias  # the sum itself, so that the parts add up to all of it
    square = float(whole @ whole) or 1.0
    return Shares(
        np.linalg.norm(added, axis=1), float(np.linalg.norm(bias)),
        float(np.linalg.norm(output)), added @ whole / square, float(bias @ whole / square),
    )


@dataclass(frozen=True)
class Coordinate:
    """output[c] = sum over heads and dimensions of W^O[c] z, plus b[c].

    products : float64[A, d_k]; by_head : float64[A], their sums; total : with the bias
    """

    products: np.ndarray
    by_head: np.ndarray
    bias: float
    total: float


def coordinate(result: Result) -> Coordinate:
    """Every product behind the chosen coordinate."""
    products = result.factors.astype(np.float64) * result.z  # (A, d_k)
    by_head = products.sum(axis=1)
    bias = float(result.output_bias[result.coordinate])
    return Coordinate(products, by_head, bias, float(by_head.sum() + bias))
