"""An operated pass is transformers' own model with those weights really zeroed or taken out."""

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining

from core.contract import ALL_PARTS, Surgery, Trace
from core.models import files
from core.trace import recompute
from core.trace.forward import BatchItem, trace_batch
from core.wordpiece.encoder import encode

PAIR = ("The [MASK] sat on the mat, unbelievably.", "Then it slept.")
LAYER = 1  # of two at least
Change = Callable[[BertForPreTraining], object]


@pytest.fixture(scope="module", params=["embedded", "deep"])
def name(request: pytest.FixtureRequest) -> str:
    return "embedded" if request.param == "embedded" else str(request.getfixturevalue("deep"))


@pytest.fixture(scope="module")
def whole(name) -> BertForPreTraining:
    return BertForPreTraining.from_pretrained(
        files.folder_of(name), dtype=torch.float32, attn_implementation="eager"
    ).eval()


def item(name: str, text: str = PAIR[0], text_b: str | None = PAIR[1]) -> BatchItem:
    encoded = encode(files.folder_of(name), text, text_b)
    return BatchItem(encoded, encoded.ids)


def ours(model: BertForPreTraining, name: str, surgery: Surgery, *items: BatchItem) -> list[Trace]:
    return trace_batch(model, files.info(name), items or [item(name)], keep=ALL_PARTS,
                       surgery=surgery)


@torch.inference_mode()
def library(model: BertForPreTraining, one: BatchItem):
    return model(
        torch.tensor([one.input_ids]), token_type_ids=torch.tensor([one.encoded.segments]),
        output_hidden_states=True,
    )


def assert_same(trace: Trace, theirs) -> None:
    """Last hidden state and both heads' logits, within 1e-5 of their size."""
    pairs = (
        (trace.layers[-1].after_ffn, theirs.hidden_states[-1]),
        (trace.mlm_logits, theirs.prediction_logits),
        (trace.nsp_logits, theirs.seq_relationship_logits),
    )
    for mine, other in pairs:
        other = other.numpy().astype(np.float64)
        assert np.abs(mine - other).max() <= 1e-5 * max(1.0, np.abs(other).max())


def zeroed(*parameters: torch.Tensor) -> None:
    for parameter in parameters:
        parameter.data.zero_()


def without_heads(heads: tuple[int, ...]) -> Change:
    """The columns of W^O that read these heads' z, set to zero: W^O z without them."""

    def change(model: BertForPreTraining) -> None:
        d_k = model.config.hidden_size // model.config.num_attention_heads
        mix = model.bert.encoder.layer[LAYER].attention.output.dense
        for head in heads:
            mix.weight.data[:, head * d_k : (head + 1) * d_k] = 0

    return change


def without_scaling(model: BertForPreTraining) -> None:
    for layer in model.bert.encoder.layer:
        assert layer.attention.self.scaling == pytest.approx(
            1 / math.sqrt(layer.attention.self.attention_head_size)
        )
        layer.attention.self.scaling = 1.0


def inside(model: BertForPreTraining) -> torch.nn.Module:
    return model.bert.encoder.layer[LAYER]


OPERATIONS: dict[str, tuple[Surgery, Change]] = {
    "two heads": (Surgery(heads_off=((LAYER, 0), (LAYER, 5))), without_heads((0, 5))),
    "all heads of a layer": (
        Surgery(heads_off=tuple((LAYER, head) for head in range(12))),
        without_heads(tuple(range(12))),
    ),
    "a layer": (Surgery(layers_off=(LAYER,)), lambda m: m.bert.encoder.layer.pop(LAYER)),
    "a layer's attention": (
        Surgery(attention_off=(LAYER,)),
        lambda m: zeroed(*inside(m).attention.output.dense.parameters()),
    ),
    "a layer's feed-forward net": (
        Surgery(ffn_off=(LAYER,)), lambda m: zeroed(*inside(m).output.dense.parameters()),
    ),
    "positions": (
        Surgery(positions_off=True),
        lambda m: zeroed(m.bert.embeddings.position_embeddings.weight),
    ),
    "segments": (
        Surgery(segments_off=True),
        lambda m: zeroed(m.bert.embeddings.token_type_embeddings.weight),
    ),
    "scaling": (Surgery(scaling_off=True), without_scaling),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_part_that_is_off_is_the_librarys_model_with_those_weights_zeroed(whole, name, operation):
    surgery, change = OPERATIONS[operation]
    operated = copy.deepcopy(whole)
    change(operated)
    (trace,) = ours(whole, name, surgery)
    assert_same(trace, library(operated, item(name)))
    untouched = library(whole, item(name))
    assert np.abs(trace.mlm_logits - untouched.prediction_logits.numpy()).max() > 1e-3


def test_heads_off_are_zeros_where_the_librarys_output_projection_reads_them(whole, name):
    """Hooked into transformers' own module: its input is z, its output W^O z + b."""
    d_k, seen = files.info(name).d_k, []
    mix = whole.bert.encoder.layer[LAYER].attention.output.dense

    def cut(module, given):
        z = given[0].clone()
        z[..., 3 * d_k : 4 * d_k] = 0
        return (z,)

    hooks = (mix.register_forward_pre_hook(cut),
             mix.register_forward_hook(lambda m, given, out: seen.append(out)))
    try:
        theirs = library(whole, item(name))
    finally:
        for hook in hooks:
            hook.remove()
    (trace,) = ours(whole, name, Surgery(heads_off=((LAYER, 3),)))
    assert_same(trace, theirs)
    output = trace.layer(LAYER).attention_output
    assert np.abs(output - seen[0].numpy()).max() <= 1e-5 * max(1.0, np.abs(output).max())


def test_with_all_heads_of_a_layer_off_its_attention_output_is_the_bias_at_every_place(whole, name):
    """z = 0, so W^O z = 0 and W^O z + b = b; the residual then is x + b. In NumPy, within 1e-5."""
    info = files.info(name)
    (trace,) = ours(whole, name, Surgery(heads_off=tuple((LAYER, h) for h in range(info.heads))))
    layer, root = trace.layer(LAYER), f"bert.encoder.layer.{LAYER}.attention.output"
    weight, bias, gamma, beta = (
        files.parameter(name, f"{root}.{part}").astype(np.float64)
        for part in ("dense.weight", "dense.bias", "LayerNorm.weight", "LayerNorm.bias")
    )
    assert not layer.context.any()
    zeros = np.zeros((len(trace.encoded), info.hidden))
    assert np.array_equal(recompute.linear(zeros, weight, bias), np.broadcast_to(bias, zeros.shape))
    assert np.abs(layer.attention_output[0] - bias).max() <= 1e-5
    by_hand = recompute.layer_norm(layer.x[0].astype(np.float64) + bias, gamma, beta)
    assert np.abs(layer.after_attention[0] - by_hand).max() <= 1e-5


def test_attention_off_leaves_not_even_the_bias(whole, name):
    (trace,) = ours(whole, name, Surgery(attention_off=(LAYER,)))
    assert not trace.layer(LAYER).attention_output.any()
    assert np.array_equal(trace.layer(LAYER).attention_residual, trace.layer(LAYER).x)


def test_a_skipped_layer_hands_on_what_it_was_given(whole, name):
    (trace,) = ours(whole, name, Surgery(layers_off=(LAYER,)))
    layer = trace.layer(LAYER)
    assert np.array_equal(layer.after_ffn, layer.x)
    assert layer.weights is None and layer.ffn_inner is None


def test_nothing_off_is_the_whole_model_to_the_last_bit(whole, name):
    (operated,), (plain,) = ours(whole, name, Surgery()), ours(whole, name, None)
    assert np.array_equal(operated.mlm_logits, plain.mlm_logits)


def test_the_items_of_a_padded_batch_are_operated_on_alike(whole, name):
    surgery = Surgery(heads_off=((0, 1), (LAYER, 2)), ffn_off=(0,))
    others = [item(name, "Yes.", None), item(name)]
    for together, one in zip(ours(whole, name, surgery, *others), others, strict=True):
        (alone,) = ours(whole, name, surgery, one)
        assert np.abs(together.mlm_logits - alone.mlm_logits).max() <= 2e-5


def test_the_masked_lm_head_can_be_read_at_chosen_places(whole, name):
    (everywhere,) = ours(whole, name, None)
    (chosen,) = trace_batch(
        whole, files.info(name), [item(name)], keep=frozenset({"mlm"}), mlm_at=(4, 1)
    )
    assert np.abs(chosen.mlm_logits - everywhere.mlm_logits[:, [4, 1]]).max() <= 1e-5


@pytest.mark.parametrize("wrong", [
    {"heads_off": ((0, -1),)}, {"layers_off": (-1,)}, {"ffn_off": (True,)},
    {"attention_off": (1.0,)}, {"order": (0, 0, 1)}, {"order": (1, 2)},
])
def test_what_cannot_be_an_operation_is_refused(wrong):
    with pytest.raises(ValueError, match=r"off|order"):
        Surgery(**wrong)


def test_the_same_operation_written_otherwise_is_equal():
    assert Surgery(heads_off=((1, 2), (0, 3), (1, 2))) == Surgery(heads_off=((0, 3), (1, 2)))
    assert hash(Surgery(layers_off=(2, 1))) == hash(Surgery(layers_off=(1, 2)))
