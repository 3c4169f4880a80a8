"""One number followed through the input layer, with every factor, and written out as LaTeX."""

from dataclasses import dataclass
from math import floor, log10, sqrt

from core.trace.recompute import LAYER_NORM_EPS
from lessons.embeddings.lesson import Result
from lessons.theme import Theme


@dataclass(frozen=True)
class OneNumber:
    """Dimension d of piece i: x = token + segment + position, then LayerNorm with its factors."""

    token: float
    segment: float
    position: float
    x: float
    hidden: int
    mean: float
    variance: float
    standard: float
    gamma: float
    beta: float
    y: float


def follow(result: Result, piece: int, dimension: int) -> OneNumber:
    """All factors behind normalized[piece, dimension]."""
    token, segment, position = (
        float(part[piece, dimension]) for part in (result.token, result.segment, result.position)
    )
    x = token + segment + position
    mean, variance = float(result.mean[piece]), float(result.variance[piece])
    standard = (x - mean) / sqrt(variance + LAYER_NORM_EPS)
    gamma, beta = float(result.gamma[dimension]), float(result.beta[dimension])
    return OneNumber(
        token, segment, position, x, result.sum.shape[1],
        mean, variance, standard, gamma, beta, gamma * standard + beta,
    )


def latex_sum(one: OneNumber, theme: Theme) -> str:
    """The three parts, each in its colour and named, and their sum."""
    parts = (
        ("token", one.token, theme.token),
        ("segment", one.segment, theme.segment),
        ("position", one.position, theme.position),
    )
    terms = [
        rf"\underbrace{{\textcolor{{{colour}}}{{{_term(value)}}}}}_{{\text{{{name}}}}}"
        for name, value, colour in parts
    ]
    return _lines(rf"x_d &= {' + '.join(terms)}", rf"&= {said(one.x)}")


def latex_norm(one: OneNumber) -> tuple[str, ...]:
    """LayerNorm of this one number, a line for each step."""
    return (
        rf"\mu = \frac{{1}}{{{one.hidden}}}\sum_{{d}} x_d = {said(one.mean)}",
        rf"\sigma^2 = \frac{{1}}{{{one.hidden}}}\sum_{{d}} (x_d - \mu)^2 = {said(one.variance)}",
        _lines(
            r"\hat{x}_d &= \frac{x_d - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
            rf"&= \frac{{{said(one.x)} - {_term(one.mean)}}}{{\sqrt{{{said(one.variance)}"
            rf" + 10^{{{floor(log10(LAYER_NORM_EPS))}}}}}}} = {said(one.standard)}",
        ),
        _lines(
            r"y_d &= \gamma_d\,\hat{x}_d + \beta_d",
            rf"&= {said(one.gamma)} \cdot {_term(one.standard)} + {_term(one.beta)}",
            rf"&= \mathbf{{{said(one.y)}}}",
        ),
    )


def _lines(*lines: str) -> str:
    """Set below each other at their equals signs, so that a phone has room for them."""
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def said(value: float) -> str:
    """Four significant digits in LaTeX, so that the lines can be checked on a calculator."""
    if value == 0:
        return "0"
    exponent = floor(log10(abs(value)))
    if -4 <= exponent < 4:
        return f"{value:.{3 - exponent}f}"
    return rf"{value / 10.0**exponent:.3f} \cdot 10^{{{exponent}}}"


def _term(value: float) -> str:
    return f"({said(value)})" if value < 0 else said(value)

