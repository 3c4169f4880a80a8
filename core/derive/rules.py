"""What a number is made of: formula, factors, and the lines that a sum runs along."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, ModelInfo
from core.derive.node import PARAMETER, Address, Line
from core.derive.quantities import QUANTITIES
from core.derive.rows import looked_up_row
from core.derive.structure import (
    GELUS,
    LINEARS,
    NORMS,
    PROJECTIONS,
    SOFTMAXES,
    SUMS,
    TABLES,
    WORD_BIAS,
    WORDS,
    Front,
    module,
    source,
)


@dataclass(frozen=True)
class Rule:
    """A formula's key, its single factors by role, and its sum's lines if it has one."""

    formula: str
    parts: tuple[tuple[str, Address], ...] = ()
    left: Line | None = None
    right: Line | None = None
    count: int = 0


def rule_of(
    address: Address, info: ModelInfo, encoded: Encoded, allowed: np.ndarray
) -> Rule:
    """How the number at this address is made; allowed : bool[n, n]."""
    if address.is_leaf:
        return Rule(address.quantity)
    name, indices = address.quantity, address.indices
    front, last = (
        (indices[:-1], indices[-1]) if QUANTITIES[name].is_line else (indices, 0)
    )
    layers = info.layers

    def factor(of: str, at: int = last) -> Address:
        quantity, place = source(of, name, front, layers)
        return Address(quantity, (*place, at) if QUANTITIES[quantity].is_line else place)

    def line(of: str) -> Line:
        return Line(*source(of, name, front, layers))

    if name in TABLES:
        row = looked_up_row(name, encoded, front[0])
        return Rule("look_up", (("entry", Address(PARAMETER, (row, last), TABLES[name])),))
    if name in SUMS:
        return Rule("add", tuple((of, factor(of)) for of in SUMS[name]))
    if name in NORMS:
        norm = NORMS[name]
        weights = module(norm.module, front)
        return Rule("layer_norm", (
            ("x", factor(norm.of)), ("mean", factor(norm.mean)),
            ("variance", factor(norm.variance)), ("gamma", _entry(f"{weights}.weight", last)),
            ("beta", _entry(f"{weights}.bias", last)),
        ), count=info.hidden)
    if name in LINEARS:
        out = front[1] * info.d_k + last if name in PROJECTIONS else last
        weights = module(LINEARS[name].module, front)
        return Rule("linear", (("bias", _entry(f"{weights}.bias", out)),),
                    line(LINEARS[name].of), Line(PARAMETER, (out,), (), f"{weights}.weight"))
    if name in GELUS:
        return Rule("gelu", (("x", factor(GELUS[name].of)), ("phi", factor(GELUS[name].phi))))
    if name in SOFTMAXES:
        soft = SOFTMAXES[name]
        total = Address("nsp_total", ()) if name == "nsp_probability" else factor(soft.total)
        return Rule("share", (("exponential", factor(soft.exponential)), ("total", total)))
    return _between(address, info, front, last, allowed)


def _entry(name: str, index: int) -> Address:
    return Address(PARAMETER, (index,), name)


def _between(
    address: Address, info: ModelInfo, front: Front, last: int, allowed: np.ndarray
) -> Rule:
    name = address.quantity
    for norm in NORMS.values():
        if name == norm.mean:
            return Rule("mean", (), Line(norm.of, front), count=info.hidden)
        if name == norm.variance:
            mean = (("mean", Address(norm.mean, front)),)
            return Rule("variance", mean, Line(norm.of, front), count=info.hidden)
    for act in GELUS.values():
        if name == act.phi:
            return Rule("phi", (("x", Address(act.of, address.indices)),))
    for soft in SOFTMAXES.values():
        of, at = source(soft.of, name, front, info.layers)
        if name == soft.maximum:
            return Rule("maximum", (), Line(of, at))
        if name == soft.total:
            return Rule("total", (), Line(soft.exponential, front))
        if name == soft.exponential:
            top = Address(soft.maximum, () if name.startswith("nsp") else front)
            return Rule("exponential", (("x", Address(of, (*at, last))), ("maximum", top)))
    return _attention(address, info, front, last, allowed)


def _attention(
    address: Address, info: ModelInfo, front: Front, last: int, allowed: np.ndarray
) -> Rule:
    name, indices = address.quantity, address.indices
    if name == "score":
        return Rule("dot", (), Line("q", front), Line("k", (*front[:2], last)))
    if name == "scaled":
        return Rule("scale", (("score", Address("score", indices)),), count=info.d_k)
    if name == "masked" and not allowed[indices[2:]]:
        return Rule("replaced", (("mask", Address("mask", indices[2:])),))
    if name == "masked":
        return Rule("mask_sum", (("scaled", Address("scaled", indices)),
                                 ("mask", Address("mask", indices[2:]))))
    if name == "z":
        return Rule("mix", (), Line("weight", front), Line("v", front[:2], (last,)))
    if name == "joined":
        layer, row = front
        place = (layer, last // info.d_k, row, last % info.d_k)
        return Rule("join", (("z", Address("z", place)),), count=info.d_k)
    if name == "pooled":
        return Rule("tanh", (("x", Address("pooled_inner", (last,))),))
    if name == "mlm_logit":
        front = (info.layers, *front)
    return Rule("linear", (("bias", _entry(WORD_BIAS, last)),), Line("mlm_normalized", front),
                Line(PARAMETER, (last,), (), WORDS))
