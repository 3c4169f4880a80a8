"""Sizes computed from a shape equal what the library's own modules hold and do."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertModel

from core.errors import BadInput
from core.models import files, sizes
from core.models.sizes import NAMED, Shape, counted, kept_numbers, memory, parameters, work

REAL = {
    **NAMED,
    "base cased": Shape(12, 12, 768, 3072, 28_996),
    "Chinese": Shape(12, 12, 768, 3072, 21_128),
    "multilingual": Shape(12, 12, 768, 3072, 119_547),
    "embedded": Shape(6, 12, 384, 1536),
}
SMALL = Shape(2, 2, 16, 64, 99, 40)


@pytest.mark.parametrize("shape", REAL.values(), ids=REAL.keys())
def test_the_formula_counts_what_the_librarys_modules_hold(shape):
    ours = parameters(shape)
    assert (ours.encoder, ours.pretraining) == counted(shape)


def test_bert_base_has_109_482_240_parameters_with_its_pooler():
    base = parameters(NAMED["base"])
    assert base.encoder == 109_482_240
    assert base.pretraining == 110_106_428  # and the two heads, the word table counted once
    assert round(base.pretraining, -6) == sizes.PUBLISHED["base"]


def test_the_embedded_models_file_holds_as_many():
    info = files.info("embedded")
    shape = Shape(info.layers, info.heads, info.hidden, info.inner, info.vocabulary)
    assert parameters(shape).pretraining == info.parameters


def test_the_number_of_heads_changes_no_parameter_and_no_multiplication():
    one, twelve = Shape(6, 1, 384, 1536), Shape(6, 12, 384, 1536)
    assert parameters(one) == parameters(twelve)
    assert work(one, 128) == work(twelve, 128)
    assert kept_numbers(one, 128) < kept_numbers(twelve, 128)  # n x n weights a head


def bert(shape):
    config = BertConfig(
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        hidden_size=shape.hidden, intermediate_size=shape.inner, vocab_size=shape.vocabulary,
        max_position_embeddings=shape.positions, attn_implementation="eager",
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )
    return BertModel(config, add_pooling_layer=False)


@pytest.mark.parametrize("n", [5, 40])
def test_the_work_is_half_of_torchs_count_of_operations(n):
    with FlopCounterMode(display=False) as count, torch.no_grad():
        bert(SMALL)(torch.zeros(1, n, dtype=torch.long))
    assert 2 * n * work(SMALL, n).total == count.get_total_flops()  # a multiply and an add


@pytest.mark.parametrize("n", [8, 40])
def test_the_activations_are_what_autograd_keeps(n):
    model, kept = bert(SMALL), {}
    own = {p.data_ptr() for p in model.parameters()}

    def note(tensor):
        if tensor.is_floating_point() and tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor.clone().numel(), tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model(torch.zeros(1, n, dtype=torch.long))
    measured = sum(numel for numel, _ in kept.values())
    # mean and deviation of each LayerNorm and what the embeddings keep are left out
    assert kept_numbers(SMALL, n) == pytest.approx(measured, rel=0.1)


def test_memory_is_bytes_times_numbers():
    found = memory(SMALL, 10, 3)
    count = parameters(SMALL).pretraining
    assert found.weights == {"float32": 4 * count, "float16": 2 * count, "int8": count}
    assert found.adam == 16 * count
    # 2 layers, 10 pieces, 8 * 16 + 2 * 64 + 2 * 10 = 276 numbers each, 4 bytes, 3 sequences
    assert found.activations == 2 * 10 * 276 * 4 * 3


@pytest.mark.parametrize("shape", [(2, 3, 16, 64), (0, 2, 16, 64), (2, 2, 16, 0)])
def test_a_shape_that_cannot_be_is_refused(shape):
    with pytest.raises(BadInput):
        Shape(*shape)
