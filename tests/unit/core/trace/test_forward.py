"""The opened forward pass is transformers' own, and NumPy gets every part from its factors."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining, BertModel

from core.contract import ALL_PARTS, LayerTrace, ModelInfo, Trace, TraceRequest
from core.models import files
from core.trace import recompute
from core.trace.forward import BatchItem, trace_batch
from core.wordpiece.encoder import encode

PAIR = ("The [MASK] sat on the mat, unbelievably.", "Then it slept.")
OTHERS = (("Yes.", None), ("A longer sentence, so that the others are padded to it.", None), PAIR)


def assert_close(ours: np.ndarray, theirs: Any) -> None:
    """Within 1e-5; of numbers above 1, within 1e-5 of the largest (float32 has 24 bits)."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1e-5 * max(1.0, np.abs(theirs).max())


@dataclass(frozen=True)
class Opened:
    """A model, one pass over a pair as we open it, and what transformers says of it."""

    name: str
    info: ModelInfo
    module: BertForPreTraining
    trace: Trace
    library: Any

    def weight(self, name: str) -> np.ndarray:
        return files.parameter(self.name, name).astype(np.float64)

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return recompute.linear(x.astype(np.float64), weight, bias)

    def layer_norm(self, name: str, x: np.ndarray) -> np.ndarray:
        gamma, beta = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return recompute.layer_norm(x.astype(np.float64), gamma, beta)

    def item(self, text: str, text_b: str | None = None) -> BatchItem:
        encoded = encode(files.folder_of(self.name), text, text_b)
        return BatchItem(encoded, encoded.ids)

    def run(self, *items: BatchItem, keep: frozenset[str] = ALL_PARTS, **how: Any) -> list[Trace]:
        return trace_batch(self.module, self.info, items, keep=keep, **how)


def opened(name: str) -> Opened:
    module = BertForPreTraining.from_pretrained(
        files.folder_of(name), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    encoded = encode(files.folder_of(name), *PAIR)
    with torch.inference_mode():
        library = module(
            torch.tensor([encoded.ids]),
            token_type_ids=torch.tensor([encoded.segments]),
            output_hidden_states=True,
            output_attentions=True,
        )
    info = files.info(name)
    (trace,) = trace_batch(module, info, [BatchItem(encoded, encoded.ids)], keep=ALL_PARTS)
    return Opened(name, info, module, trace, library)


@pytest.fixture(scope="module", params=["embedded", "deep"])
def bert(request: pytest.FixtureRequest) -> Opened:
    name = request.param
    return opened(name if name == "embedded" else str(request.getfixturevalue(name)))


@pytest.fixture(scope="module")
def small(tiny) -> Opened:
    return opened(str(tiny))


# Against the library


def test_every_hidden_state_is_the_librarys(bert):
    states = bert.library.hidden_states
    assert len(states) == bert.info.layers + 1 == len(bert.trace.layers) + 1
    assert_close(bert.trace.embeddings.normalized, states[0])
    for layer, state in zip(bert.trace.layers, states[1:], strict=True):
        assert_close(layer.after_ffn, state)


def test_every_head_of_every_layer_attends_as_the_librarys(bert):
    assert len(bert.library.attentions) == len(bert.trace.layers)
    for layer, weights in zip(bert.trace.layers, bert.library.attentions, strict=True):
        assert layer.weights.shape[1] == bert.info.heads
        assert_close(layer.weights, weights)


def test_the_logits_of_both_heads_are_the_librarys(bert):
    assert_close(bert.trace.mlm_logits, bert.library.prediction_logits)
    assert_close(bert.trace.nsp_logits, bert.library.seq_relationship_logits)


def test_the_causal_pass_is_the_librarys_decoder(bert):
    """BertModel with is_decoder masks the future itself."""
    item = bert.item(*PAIR)
    decoder = BertModel.from_pretrained(
        files.folder_of(bert.name), dtype=torch.float32, attn_implementation="eager",
        is_decoder=True,
    ).eval()
    with torch.inference_mode():
        library = decoder(
            torch.tensor([item.input_ids]),
            token_type_ids=torch.tensor([item.encoded.segments]),
            output_hidden_states=True,
            output_attentions=True,
        )
    keep = frozenset({"weights", "after_ffn"})
    (trace,) = bert.run(item, keep=keep, mask="causal")
    for layer in trace.layers:
        assert_close(layer.weights, library.attentions[layer.index])
        assert_close(layer.after_ffn, library.hidden_states[layer.index + 1])


# Against NumPy


def test_the_embeddings_are_rows_of_three_tables_added_and_normalized(bert):
    encoded, found = bert.trace.encoded, bert.trace.embeddings
    tables = {name: bert.weight(f"bert.embeddings.{name}_embeddings.weight")
              for name in ("word", "token_type", "position")}
    assert set(encoded.segments) == {0, 1}
    assert_close(found.token[0], tables["word"][list(encoded.ids)])
    assert_close(found.segment[0], tables["token_type"][list(encoded.segments)])
    assert_close(found.position[0], tables["position"][: len(encoded)])
    assert_close(found.token + found.segment + found.position, found.sum)
    assert_close(bert.layer_norm("bert.embeddings.LayerNorm", found.sum), found.normalized)


def test_each_layers_input_is_the_output_of_the_one_before(bert):
    before = bert.trace.embeddings.normalized
    for layer in bert.trace.layers:
        assert np.array_equal(layer.x, before)
        before = layer.after_ffn


def test_attention_is_recomputed_from_each_layers_input(bert):
    for layer, theirs in zip(bert.trace.layers, bert.library.attentions, strict=True):
        inner = f"bert.encoder.layer.{layer.index}.attention.self"
        q, k, v = (
            recompute.split_heads(bert.linear(f"{inner}.{part}", layer.x), bert.info.heads)
            for part in ("query", "key", "value")
        )
        scores, scaled, weights, z = recompute.attention(q, k, v, bert.trace.allowed)
        for name, ours in {"q": q, "k": k, "v": v, "scores": scores, "scaled": scaled,
                           "weights": weights, "context": z}.items():
            assert_close(ours, getattr(layer, name))
        assert_close(weights, theirs)


def test_the_rest_of_a_layer_is_recomputed_from_the_heads_context(bert):
    for layer in bert.trace.layers:
        root = f"bert.encoder.layer.{layer.index}"
        projected = bert.linear(
            f"{root}.attention.output.dense", recompute.join_heads(layer.context)
        )
        added = projected + layer.x
        after_attention = bert.layer_norm(f"{root}.attention.output.LayerNorm", added)
        inner = bert.linear(f"{root}.intermediate.dense", after_attention)
        active = recompute.gelu(inner)
        output = bert.linear(f"{root}.output.dense", active)
        residual = output + after_attention
        after_ffn = bert.layer_norm(f"{root}.output.LayerNorm", residual)
        for name, ours in {
            "attention_output": projected, "attention_residual": added,
            "after_attention": after_attention, "ffn_inner": inner, "ffn_activation": active,
            "ffn_output": output, "ffn_residual": residual, "after_ffn": after_ffn,
        }.items():
            assert_close(ours, getattr(layer, name))
        assert_close(after_ffn, bert.library.hidden_states[layer.index + 1])


def test_both_heads_are_recomputed_from_the_last_hidden_state(bert):
    hidden = bert.trace.layer(bert.info.layers - 1).after_ffn.astype(np.float64)
    pooled = np.tanh(bert.linear("bert.pooler.dense", hidden[:, 0]))
    assert_close(pooled, bert.trace.pooled)
    assert_close(bert.linear("cls.seq_relationship", pooled), bert.library.seq_relationship_logits)
    head = "cls.predictions.transform"
    logits = recompute.mlm_logits(
        hidden,
        (bert.weight(f"{head}.dense.weight"), bert.weight(f"{head}.dense.bias")),
        (bert.weight(f"{head}.LayerNorm.weight"), bert.weight(f"{head}.LayerNorm.bias")),
        bert.weight("bert.embeddings.word_embeddings.weight"),
        bert.weight("cls.predictions.bias"),
    )
    assert_close(logits, bert.library.prediction_logits)


# Masks and batches


def test_every_row_of_weights_sums_to_one(bert):
    for mask in ("bidirectional", "causal"):
        (trace,) = bert.run(bert.item(*PAIR), keep=frozenset({"weights"}), mask=mask)
        for layer in trace.layers:
            assert np.abs(layer.weights.sum(-1) - 1).max() < 1e-5


def test_with_the_causal_mask_nothing_at_all_comes_from_later_pieces(bert):
    (trace,) = bert.run(bert.item(*PAIR), keep=frozenset({"weights"}), mask="causal")
    n = len(trace.encoded)
    assert np.array_equal(trace.allowed[0, 0], np.tril(np.ones((n, n), bool)))
    for layer in trace.layers:
        assert not layer.weights[..., ~trace.allowed[0, 0]].any()
        assert np.array_equal(layer.weights[..., 0, 0], np.ones((1, bert.info.heads)))


def test_without_a_mask_every_piece_may_look_at_every_piece(bert):
    n = len(bert.trace.encoded)
    assert bert.trace.allowed.shape == (1, 1, n, n) and bert.trace.allowed.all()


@pytest.mark.parametrize("mask", ["bidirectional", "causal"])
def test_a_padded_batch_answers_as_single_passes_do(bert, mask):
    items = [bert.item(*texts) for texts in OTHERS]
    assert len({len(item.input_ids) for item in items}) == 3
    keep = ALL_PARTS - {"mlm"}
    for item, found in zip(items, bert.run(*items, keep=keep, mask=mask), strict=True):
        (alone,) = bert.run(item, keep=keep, mask=mask)
        assert found.encoded == item.encoded
        assert np.array_equal(found.allowed, alone.allowed)
        for name, array in arrays(alone).items():
            assert_close(arrays(found)[name], array)


def test_an_item_of_a_batch_holds_none_of_the_others_memory(small):
    for trace in small.run(*(small.item(*texts) for texts in OTHERS)):
        assert all(array.base is None for array in arrays(trace).values())


# What is kept


PARTS = {
    "embeddings": {"token", "segment", "position", "sum", "normalized"},
    "qkv": {"x", "q", "k", "v"},
    "scores": {"scores", "scaled"},
    "weights": {"weights"},
    "context": {"context"},
    "attention_output": {"attention_output", "attention_residual"},
    "after_attention": {"after_attention"},
    "ffn": {"ffn_inner", "ffn_activation", "ffn_output", "ffn_residual"},
    "after_ffn": {"after_ffn"},
    "mlm": {"mlm_logits"},
    "nsp": {"pooled", "nsp_logits"},
}


def arrays(trace: Trace) -> dict[str, np.ndarray]:
    """All kept arrays; a layer's are named index.name."""
    heads = {name: getattr(trace, name) for name in ("pooled", "mlm_logits", "nsp_logits")}
    found = heads | (vars(trace.embeddings) if trace.embeddings else {})
    for layer in trace.layers:
        names = [f.name for f in fields(LayerTrace) if f.name != "index"]
        found |= {f"{layer.index}.{name}": getattr(layer, name) for name in names}
    return {name: array for name, array in found.items() if array is not None}


def test_the_parts_named_in_the_contract_are_all_there_are():
    assert set(PARTS) == ALL_PARTS


@pytest.mark.parametrize("part", sorted(PARTS))
def test_only_what_is_asked_for_is_kept(small, part):
    (trace,) = small.run(small.item(*PAIR), keep=frozenset({part}))
    assert {name.rpartition(".")[2] for name in arrays(trace)} == PARTS[part]
    assert (trace.embeddings is None) == (part != "embeddings")


def test_nothing_is_kept_where_nothing_is_asked_for(small):
    (trace,) = small.run(small.item(*PAIR), keep=frozenset())
    assert arrays(trace) == {}


def test_only_the_layers_asked_for_are_kept_and_found_by_index(bert):
    last = bert.info.layers - 1
    (trace,) = bert.run(bert.item(*PAIR), keep=frozenset({"after_ffn"}), layers=(last,))
    assert [layer.index for layer in trace.layers] == [last]
    assert_close(trace.layer(last).after_ffn, bert.library.hidden_states[-1])
    with pytest.raises(KeyError, match="layer 0"):
        trace.layer(0)


def test_arrays_have_the_documented_shapes_and_cannot_be_written(bert):
    info, n = bert.info, len(bert.trace.encoded)
    state, head, pair = (1, n, info.hidden), (1, info.heads, n, info.d_k), (1, info.heads, n, n)
    shapes = dict.fromkeys(("q", "k", "v", "context"), head)
    shapes |= dict.fromkeys(("scores", "scaled", "weights"), pair)
    shapes |= dict.fromkeys(("ffn_inner", "ffn_activation"), (1, n, info.inner))
    shapes |= {"mlm_logits": (1, n, info.vocabulary), "nsp_logits": (1, 2)}
    shapes |= {"pooled": (1, info.hidden)}
    for name, array in arrays(bert.trace).items():
        assert array.dtype == np.float32, name
        assert array.shape == shapes.get(name.rpartition(".")[2], state), name
        assert not array.flags.writeable, name
    assert bert.trace.allowed.dtype == bool and not bert.trace.allowed.flags.writeable


# What is fed in


def test_the_ids_fed_in_may_differ_from_the_texts(small):
    """Corrupted input: the trace is of the ids, the pieces shown stay the text's."""
    item = small.item("The cat sat.")
    cat, dog = (small.item(word).input_ids[1] for word in ("cat", "dog"))
    swapped = tuple(dog if i == cat else i for i in item.input_ids)
    (corrupted,) = small.run(BatchItem(item.encoded, swapped))
    (straight,) = small.run(small.item("The dog sat."))
    assert corrupted.encoded.tokens[2] == "cat"
    assert np.array_equal(corrupted.mlm_logits, straight.mlm_logits)


def test_the_same_pieces_in_the_other_segment_give_other_vectors(small):
    both, first = small.item("a", "a"), small.item("a")
    (trace,) = small.run(both, keep=frozenset({"embeddings"}))
    assert both.encoded.segments == (0, 0, 0, 1, 1)
    table = small.weight("bert.embeddings.token_type_embeddings.weight")
    assert_close(trace.embeddings.segment[0], table[[0, 0, 0, 1, 1]])
    assert np.abs(table[0] - table[1]).max() > 0
    assert first.encoded.segments == (0, 0, 0)


@pytest.mark.parametrize("wrong", [{"keep": frozenset({"qkv", "atention"})}, {"mask": "casual"}])
def test_a_misspelt_part_or_mask_is_refused_before_any_pass(wrong):
    with pytest.raises(ValueError, match=r"atention|casual"):
        TraceRequest("The cat sat.", **wrong)
