"""An opened number as LaTeX: its formula with its own indices, then with its real factors."""

from math import floor, log10

from core.derive import Address, Node
from core.derive.node import Line
from core.trace.recompute import LAYER_NORM_EPS
from lessons.theme import Theme
from lessons.trace.symbols import symbol

RUNNING = {"linear": "d", "mean": "d", "variance": "d", "dot": "c", "mix": "j", "total": "j",
           "maximum": "j"}
_EPS = floor(log10(LAYER_NORM_EPS))


def said(value: float) -> str:
    """A number in LaTeX with five significant digits."""
    if value == 0:
        return "0"
    exponent = floor(log10(abs(value)))
    if -4 <= exponent < 5:
        return f"{value:.{4 - exponent}f}"
    return rf"{value / 10.0**exponent:.4f} \cdot 10^{{{exponent}}}"


def _term(value: float) -> str:
    return f"({said(value)})" if value < 0 else said(value)


def _plus(*values: float) -> str:
    """Numbers added up, with a minus where one is below 0."""
    first, *rest = values
    return said(first) + "".join(f" {'-' if v < 0 else '+'} {said(abs(v))}" for v in rest)


def _lines(*lines: str) -> str:
    """Below each other at their equals signs, so that a phone has room for them."""
    return r"\begin{aligned} " + r" \\[9pt] ".join(lines) + r" \end{aligned}"


def derivation(node: Node, theme: Theme) -> str:
    """The formula of this number, with symbols and with numbers, ending in its value."""
    name = symbol(node.address).written(theme)
    value = rf"\mathbf{{{said(node.value)}}}"
    if node.address.is_leaf:
        return f"{name} = {value}"
    letters, numbers = _FORMULAS[node.formula](node, theme)
    last = [f"&= {numbers}"] if numbers else []
    return _lines(f"{name} &= {letters}", *last, f"&= {value}")


def _of(node: Node, role: str, theme: Theme) -> str:
    return symbol(node.part(role).address).written(theme)


def _running(line: Line, letter: str, theme: Theme) -> str:
    address: Address = line.at(-1)
    return symbol(address, letter).written(theme)


def _sum(node: Node, theme: Theme) -> str:
    """The sum over its running index, as symbols."""
    assert node.terms is not None
    letter = RUNNING[node.formula]
    factors = [_running(line, letter, theme) for line in (node.terms.left, node.terms.right)
               if line is not None]
    return rf"\sum_{{{letter}=0}}^{{{len(node.terms) - 1}}} " + r"\,".join(factors)


def _add(node: Node, theme: Theme) -> tuple[str, str]:
    return (" + ".join(_of(node, part.role, theme) for part in node.parts),
            _plus(*(part.value for part in node.parts)))


def _same(node: Node, theme: Theme) -> tuple[str, str]:
    return _of(node, node.parts[0].role, theme), ""


def _linear(node: Node, theme: Theme) -> tuple[str, str]:
    assert node.terms is not None
    return (f"{_sum(node, theme)} + {_of(node, 'bias', theme)}",
            _plus(float(node.terms.terms.sum()), node.part("bias").value))


def _plain_sum(node: Node, theme: Theme) -> tuple[str, str]:
    return _sum(node, theme), ""


def _mean(node: Node, theme: Theme) -> tuple[str, str]:
    return rf"\frac{{1}}{{{node.count}}} {_sum(node, theme)}", ""


def _variance(node: Node, theme: Theme) -> tuple[str, str]:
    assert node.terms is not None
    x = _running(node.terms.left, "d", theme)
    return (rf"\frac{{1}}{{{node.count}}} \sum_{{d=0}}^{{{node.count - 1}}}"
            rf" \left({x} - {_of(node, 'mean', theme)}\right)^2", "")


def _maximum(node: Node, theme: Theme) -> tuple[str, str]:
    assert node.terms is not None
    return rf"\max_{{j}}\, {_running(node.terms.left, 'j', theme)}", ""


def _layer_norm(node: Node, theme: Theme) -> tuple[str, str]:
    x, mean, variance, gamma, beta = (_of(node, part.role, theme) for part in node.parts)
    of = {part.role: part.value for part in node.parts}
    letters = (rf"\frac{{{x} - {mean}}}{{\sqrt{{{variance} + \varepsilon}}}}\,{gamma} + {beta}")
    scaled = (rf"\frac{{{_plus(of['x'], -of['mean'])}}}"
              rf"{{\sqrt{{{said(of['variance'])} + 10^{{{_EPS}}}}}}} \cdot {_term(of['gamma'])}")
    numbers = f"{scaled} {'-' if of['beta'] < 0 else '+'} {said(abs(of['beta']))}"
    return letters, numbers


def _scale(node: Node, theme: Theme) -> tuple[str, str]:
    return (rf"\frac{{{_of(node, 'score', theme)}}}{{\sqrt{{d_k}}}}",
            rf"\frac{{{said(node.part('score').value)}}}{{\sqrt{{{node.count}}}}}")


def _share(node: Node, theme: Theme) -> tuple[str, str]:
    above, below = (_of(node, role, theme) for role in ("exponential", "total"))
    over, under = (said(node.part(role).value) for role in ("exponential", "total"))
    return rf"\frac{{{above}}}{{{below}}}", rf"\frac{{{over}}}{{{under}}}"


def _exponential(node: Node, theme: Theme) -> tuple[str, str]:
    x, top = (_of(node, role, theme) for role in ("x", "maximum"))
    a, b = (node.part(role).value for role in ("x", "maximum"))
    return rf"e^{{\,{x} - {top}}}", rf"e^{{\,{_plus(a, -b)}}}"


def _gelu(node: Node, theme: Theme) -> tuple[str, str]:
    return (rf"{_of(node, 'x', theme)} \cdot {_of(node, 'phi', theme)}",
            rf"{said(node.part('x').value)} \cdot {_term(node.part('phi').value)}")


def _phi(node: Node, theme: Theme) -> tuple[str, str]:
    half = r"\tfrac12\left(1 + \operatorname{erf}\frac{%s}{\sqrt 2}\right)"
    return half % _of(node, "x", theme), half % said(node.part("x").value)


def _tanh(node: Node, theme: Theme) -> tuple[str, str]:
    return rf"\tanh {_of(node, 'x', theme)}", rf"\tanh {_term(node.part('x').value)}"


_FORMULAS = {
    "look_up": _same, "join": _same, "replaced": _same, "add": _add, "mask_sum": _add,
    "linear": _linear,
    "dot": _plain_sum, "mix": _plain_sum, "total": _plain_sum, "mean": _mean,
    "variance": _variance, "maximum": _maximum, "layer_norm": _layer_norm, "scale": _scale,
    "share": _share, "exponential": _exponential, "gelu": _gelu, "phi": _phi, "tanh": _tanh,
}

PLAIN = {
    "parameter": "a learned number", "mask": "0, or the smallest float32 where not allowed",
    "look_up": "row of the table", "join": "z of all heads, side by side",
    "add": "sum of the parts", "mask_sum": "scaled + mask",
    "replaced": "the mask in place of the score",
    "linear": "x W^T + b",
    "dot": "q k^T", "mix": "weights v", "total": "sum_j u_j", "mean": "sum_d x_d / H",
    "variance": "sum_d (x_d - mean)^2 / H", "maximum": "max_j s_j",
    "layer_norm": "(x - mean) / sqrt(var + eps) * gamma + beta", "scale": "s / sqrt(d_k)",
    "share": "u / sum(u)", "exponential": "exp(s - max)", "gelu": "x Phi(x)",
    "phi": "(1 + erf(x / sqrt(2))) / 2", "tanh": "tanh(x)",
}
