"""Vectors of texts one behind the other, against transformers' model on each text alone."""

import copy

import numpy as np
import pytest
import torch

from core.encode.encoder import Encoder
from core.encode.linear import Linear, has_onednn
from core.encode.pieces import pieces_of, slices
from core.encode.precision import dtype_of, fastest
from core.engine.stub import FOLDER, HIDDEN, StubEngine, random_adapter, random_bert
from core.models import files
from core.models.loading import load

TEXTS = [
    "The cat sat on the mat.", "Rain", "It rained all night, and then the sea came in. " * 9,
    "An old book.", "Two old books", "word " * 600, "The dog sat on the mat.",
]
LAYERS = 2


def encoded(encoder: Encoder, layer: int, pooling: str = "mean", most: int = 150) -> np.ndarray:
    found = np.zeros((len(TEXTS), encoder._places.shape[1]), np.float32)
    for some in slices(pieces_of(FOLDER, TEXTS, 512), most):
        found[some.texts] = encoder.start(some, layer, (pooling,)).numpy()[0]
    return found


@torch.inference_mode()
def alone(model, layer: int, pooling: str = "mean") -> np.ndarray:
    """hidden_states[layer] of transformers' own model, one text at a time."""
    found = []
    pieces = pieces_of(FOLDER, TEXTS, 512)
    for start, end in zip(pieces.starts[:-1], pieces.starts[1:], strict=True):
        ids = torch.from_numpy(pieces.ids[start:end]).long()[None]
        states = model.bert(ids, output_hidden_states=True).hidden_states[layer][0]
        found.append(states[0] if pooling == "cls" else states[1:-1].mean(0))
    return torch.stack(found).numpy()


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("layer", range(LAYERS + 1))
def test_vectors_are_those_of_transformers_for_each_text_alone(layer, pooling):
    encoder = Encoder(random_bert(), StubEngine().info("embedded"))
    expected = alone(random_bert(), layer, pooling)
    assert np.abs(encoded(encoder, layer, pooling) - expected).max() <= 1e-5


def test_texts_of_the_embedded_model_are_encoded_the_same_in_float32_and_nearly_in_fast():
    """Single passes in float32 on one side; 1e-4 in float32 and 1e-3 in cosine are promised."""
    model, info = load("embedded", "cpu"), files.info("embedded")
    expected = alone(model, info.layers)
    exact = encoded(Encoder(model, info), info.layers)
    assert np.abs(exact - expected).max() <= 1e-4
    for dtype in {torch.bfloat16, fastest(model.device)}:
        quick = encoded(Encoder(model, info, dtype=dtype), info.layers)
        assert cosines(quick, expected).min() >= 0.999


def test_a_deep_model_in_bfloat16_keeps_its_vectors(deep):
    model, info = load(str(deep), "cpu"), files.info(str(deep))
    quick = encoded(Encoder(model, info, dtype=torch.bfloat16), info.layers)
    assert cosines(quick, alone(model, info.layers)).min() >= 0.999


def test_an_adapter_is_merged_and_the_models_own_weights_stay():
    """W + U D is written into a copy of transformers' model by hand."""
    adapter, model = random_adapter("spam"), random_bert()
    before = encoded(Encoder(model, StubEngine().info("embedded")), LAYERS)
    by_hand = copy.deepcopy(model)
    modules = dict(by_hand.bert.named_modules())
    for name, change in adapter.changes.items():
        modules[name].weight.data += torch.from_numpy(change.up @ change.down)
    through = Encoder(model, StubEngine().info("embedded"), adapter=adapter)
    assert np.abs(encoded(through, LAYERS) - alone(by_hand, LAYERS)).max() <= 1e-5
    assert np.array_equal(encoded(Encoder(model, StubEngine().info("embedded")), LAYERS), before)


def test_both_poolings_come_from_one_pass():
    """[CLS] asked for alone takes a shorter way through the last layer."""
    encoder = Encoder(random_bert(), StubEngine().info("embedded"))
    some = slices(pieces_of(FOLDER, TEXTS[:3], 512), 10_000)[0]
    both = encoder.start(some, LAYERS, ("cls", "mean")).numpy()
    assert both.shape == (2, 3, HIDDEN)
    for row, pooling in enumerate(("cls", "mean")):
        one = encoder.start(some, LAYERS, (pooling,)).numpy()[0]
        assert np.abs(both[row] - one).max() <= 1e-5


@pytest.mark.parametrize("packed", [False, True])
def test_a_packed_map_is_the_plain_one(packed, monkeypatch):
    """Within rounding of sums of 384 products."""
    if packed and not has_onednn():
        pytest.skip("no oneDNN here")
    if not packed:
        monkeypatch.setattr("core.encode.linear.has_onednn", lambda: False)
    torch.manual_seed(0)
    x, weight, bias = torch.randn(70, 384), torch.randn(96, 384) / 20, torch.randn(96)
    plain = x @ weight.T + bias
    with torch.inference_mode():
        linear = Linear(weight, bias)
        residual = torch.randn(70, 96)
        for found, expected in (
            (linear(x), plain),
            (linear.gelu(x), plain * 0.5 * (1 + torch.erf(plain / 2**0.5))),
            (linear.plus(x, residual), plain + residual),
        ):
            assert (found - expected).abs().max() < 1e-5


def test_float32_is_float32_and_fast_is_found_out_once():
    cpu = torch.device("cpu")
    assert dtype_of("float32", cpu) == torch.float32
    assert dtype_of("fast", cpu) in (torch.float32, torch.bfloat16)
    assert dtype_of("fast", cpu) == dtype_of("fast", cpu)
