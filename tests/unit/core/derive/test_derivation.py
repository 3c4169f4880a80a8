"""Every number of a pass, opened: the model's own, float64 from the tables, and its factors."""

from itertools import product

import numpy as np
import pytest

from core.contract import TraceRequest
from core.derive import QUANTITIES, Address, Derivation
from core.derive.node import TOLERANCE
from core.derive.reach import Reach
from core.engine import local_engine
from core.errors import BadInput, OutOfRange

TEXT, TEXT_B = "A cat [MASK]", "It slept"
MODELS = ("embedded", "deep")


@pytest.fixture(scope="module")
def derivations(request, tmp_path_factory):
    made = {}

    def of(model: str, mask: str = "bidirectional") -> Derivation:
        folder = model if model == "embedded" else str(request.getfixturevalue(model))
        key = (model, mask)
        if key not in made:
            made[key] = Derivation(local_engine(), TEXT, TEXT_B, model=folder, mask=mask)
        return made[key]

    return of


def fronts(derivation: Derivation, quantity: str):
    """Every combination of all indices but the one that runs along a line."""
    kind = QUANTITIES[quantity]
    sizes = kind.sizes(derivation.info, len(derivation.encoded))
    return product(*map(range, sizes[:-1] if kind.is_line else sizes))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_models_number_and_float64_from_the_tables_up_agree(derivations, model, quantity):
    opened = derivations(model)
    for front in fronts(opened, quantity):
        own, exact = (rows.line(quantity, front) for rows in (opened.model, opened.exact))
        assert own.dtype == np.float32 and exact.dtype == np.float64
        assert own.shape == exact.shape
        limit = TOLERANCE * max(1.0, opened.size(quantity, front))
        assert np.abs(own - exact).max() <= limit, (quantity, front)


@pytest.mark.parametrize("mask", ["bidirectional", "causal"])
def test_the_last_hidden_states_in_float64_are_the_traces(derivations, mask):
    opened = derivations("embedded", mask)
    request = TraceRequest(TEXT, TEXT_B, keep=frozenset({"after_ffn"}), mask=mask)
    trace = local_engine().trace(request)
    for layer in range(6):
        own = trace.layer(layer).after_ffn[0]
        limit = TOLERANCE * max(1.0, float(np.abs(own).max()))
        assert np.abs(opened.exact.states[layer + 1] - own).max() <= limit


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("model", MODELS)
def test_a_number_is_what_its_formula_makes_of_the_factors_shown(derivations, model, quantity):
    opened = derivations(model)
    draw = np.random.default_rng(len(quantity))
    sizes = QUANTITIES[quantity].sizes(opened.info, len(opened.encoded))
    for _ in range(6):
        node = opened.node(quantity, [int(draw.integers(size)) for size in sizes])
        assert abs(node.value - node.recomputed) <= node.tolerance
        assert node.holds
        for part in node.parts:
            child = opened.open(part.address)
            assert (child.value, child.exact) == (part.value, part.exact)
        if node.terms is not None:
            at = int(draw.integers(len(node.terms)))
            child = opened.open(node.terms.left.at(at))
            assert child.value == pytest.approx(float(node.terms.left_values[at]), rel=1e-6)


def test_a_linear_numbers_terms_are_the_models_input_times_a_row_of_its_weight(derivations):
    opened = derivations("embedded")
    node = opened.node("q", (3, 7, 2, 5))
    weight = local_engine().parameter(
        "embedded", "bert.encoder.layer.3.attention.self.query.weight"
    )
    bias = local_engine().parameter("embedded", "bert.encoder.layer.3.attention.self.query.bias")
    x = opened.model.line("after_ffn", (2, 2)).astype(float)
    row = 7 * 32 + 5  # head 7, coordinate 5, d_k = 32
    np.testing.assert_allclose(node.terms.terms, x * weight[row])
    assert node.part("bias").address == Address(
        "parameter", (row,), "bert.encoder.layer.3.attention.self.query.bias"
    )
    assert node.recomputed == pytest.approx(float(x @ weight[row] + bias[row]))
    assert node.terms.right.at(11) == Address(
        "parameter", (row, 11), "bert.encoder.layer.3.attention.self.query.weight"
    )


def test_the_largest_terms_and_the_rest_make_the_sum(derivations):
    terms = derivations("embedded").node("q", (3, 7, 2, 5)).terms
    top = terms.largest(4)
    assert len(top) == 4 and len(terms) == 384
    assert np.abs(terms.terms[top]).min() >= np.abs(np.delete(terms.terms, top)).max()
    assert terms.terms[top].sum() + terms.rest(top) == pytest.approx(terms.terms.sum())


def test_a_causal_score_ahead_is_masked_to_nothing(derivations):
    opened = derivations("embedded", "causal")
    node = opened.node("masked", (0, 0, 2, 4))
    assert node.part("mask").value == np.finfo(np.float32).min
    assert [part.role for part in node.parts] == ["mask"]  # the score is replaced
    assert opened.node("weight", (0, 0, 2, 4)).value == 0
    assert opened.node("mask", (2, 1)).value == 0
    assert opened.node("mask", (2, 4)).address.is_leaf


@pytest.mark.parametrize("mask", ["bidirectional", "causal"])
@pytest.mark.parametrize(
    "quantity, indices",
    [
        ("token", (1, 3)), ("sum", (1, 3)), ("embedding_variance", (2,)), ("normalized", (1, 3)),
        ("q", (0, 1, 2, 3)), ("score", (0, 1, 2, 1)), ("weight", (0, 1, 2, 1)),
        ("k", (1, 1, 2, 3)), ("masked", (1, 0, 1, 3)), ("total", (1, 0, 1)),
        ("z", (1, 0, 1, 3)), ("joined", (1, 1, 9)), ("attention_output", (1, 1, 3)),
        ("attention_mean", (1, 1)), ("after_attention", (0, 1, 3)), ("ffn_activation", (0, 1, 40)),
        ("ffn_output", (0, 2, 3)), ("ffn_variance", (1, 2)), ("after_ffn", (0, 2, 3)),
        ("pooled", (3,)), ("nsp_logit", (0,)), ("nsp_probability", (1,)),
        ("mlm_activation", (1, 2, 3)), ("mlm_variance", (1, 2)), ("mlm_normalized", (0, 2, 3)),
        ("mlm_logit", (2, 1996)), ("lens_logit", (0, 2, 1996)), ("lens_logit", (0, 2, 2000)),
        ("lens_logit", (1, 2, 1996)),
    ],
    ids=str,
)
def test_every_way_down_ends_at_the_file_and_reach_counts_the_ends(tiny, quantity, indices, mask):
    """All factors of all factors, opened one by one, in a BERT small enough for it."""
    opened = Derivation(local_engine(), "the cat", model=str(tiny), mask=mask)
    start = Address(quantity, indices)
    seen, leaves, todo = {start}, set(), [start]
    while todo:
        address = todo.pop()
        if address.is_leaf:
            if address.parameter:
                leaves.add((address.parameter, address.indices))
            continue
        node = opened.open(address)
        below = [part.address for part in node.parts]
        if node.terms is not None:
            places = range(len(node.terms))
            if node.formula in ("mix", "total", "maximum") and "head" in address.named():
                allowed = opened.model.allowed[address.named()["row"]]
                places = np.flatnonzero(allowed).tolist()  # times 0: nothing comes from the others
            for line in filter(None, (node.terms.left, node.terms.right)):
                below += [line.at(place) for place in places]
        assert below, address
        new = set(below) - seen
        seen |= new
        todo += new
    count = Reach(opened.info, opened.encoded, opened.model.allowed).count(start)
    assert count == len(leaves)


def test_a_probability_over_the_vocabulary_reaches_every_row_of_the_token_table(derivations):
    opened = derivations("embedded")
    reach = Reach(opened.info, opened.encoded, opened.model.allowed)
    word = reach.count(Address("mlm_logit", (3, 2000)))
    whole = reach.count(Address("mlm_probability", (3, 2000)))
    rows = set(opened.encoded.ids) | {2000}
    assert whole - word == (30522 - len(rows)) * 384 + 30522 - 1
    assert whole < opened.info.parameters


@pytest.mark.parametrize(
    "quantity, indices", [("weight", (6, 0, 0, 0)), ("q", (0, 0, 0, 32)), ("mlm_logit", (0, 30522)),
                          ("token", (99, 0)), ("nsp_logit", (2,)), ("lens_logit", (7, 0, 0))]
)
def test_an_index_the_model_has_not_is_refused(derivations, quantity, indices):
    with pytest.raises(OutOfRange):
        derivations("embedded").node(quantity, indices)


@pytest.mark.parametrize("quantity, indices", [("soul", ()), ("weight", (0, 0)), ("q", ())])
def test_a_quantity_there_is_not_is_refused(derivations, quantity, indices):
    with pytest.raises(BadInput):
        derivations("embedded").node(quantity, indices)


def test_a_long_text_is_traced_layer_by_layer_with_the_same_numbers():
    opened = Derivation(local_engine(), "word " * 80)
    node = opened.node("weight", (3, 2, 40, 70))
    assert node.holds and abs(node.value - node.recomputed) <= node.tolerance
