"""An adapter applied, merged, and as peft itself computes it: the same numbers."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from core.contract import TraceRequest
from core.engine import LocalEngine
from core.engine.stub import HIDDEN, LAYERS, StubEngine, random_adapter, random_bert
from core.errors import ModelUnavailable, TaskNeedsModel, UnknownTask
from core.models.registry import find
from core.tasks import adapter as adapters
from core.tasks.adapter import Adapter, Change, packed, unpacked
from core.tasks.registry import MAX_BYTES, TASKS, WEIGHTS
from core.tasks.view import adapted
from core.training.tasks.model import TARGETS, Tuned
from tests.random_bert import save_random_bert

SHAPE = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 16,
         "intermediate_size": 32, "vocab_size": 50}
IDS = torch.tensor([[2, 7, 9, 11, 3], [2, 8, 3, 0, 0]])
PRESENT = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


@pytest.fixture(scope="module")
def tuned(tmp_path_factory) -> tuple[Tuned, torch.nn.Module]:
    """A peft model moved away from its base by hand, and the untouched base."""
    from transformers import BertForPreTraining, BertModel

    folder = save_random_bert(tmp_path_factory.mktemp("bert"), **SHAPE)
    base = BertForPreTraining.from_pretrained(folder, attn_implementation="eager").eval()
    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
    model = Tuned(encoder, TASKS[3], rank=4, alpha=8).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.free().values():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    return model, base


def last_states(model: torch.nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        return model.bert(IDS, attention_mask=PRESENT).last_hidden_state


def test_the_adapted_view_says_what_peft_says(tuned):
    model, base = tuned
    with torch.inference_mode():
        pefts = model.states(IDS, torch.zeros_like(IDS), PRESENT.bool())
    ours = last_states(adapted(base, model.adapter()))
    assert (ours - last_states(base)).abs().max() > 0.1
    assert (ours - pefts)[PRESENT.bool()].abs().max() <= 1e-5


def test_the_adapted_view_is_the_model_with_merged_weights(tuned):
    model, base = tuned
    adapter = model.adapter()
    merged = type(base)(base.config).eval()
    state = {name: weight.clone() for name, weight in base.state_dict().items()}
    for name, change in adapter.changes.items():
        state[f"bert.{name}.weight"] += torch.tensor(change.weight_delta())
        state[f"bert.{name}.bias"] += torch.tensor(change.bias)
    merged.load_state_dict(state)
    difference = last_states(adapted(base, adapter)) - last_states(merged)
    assert difference.abs().max() <= 1e-5


def test_every_linear_map_and_layernorm_of_the_encoder_is_free_and_nothing_else(tuned):
    model, _ = tuned
    names = set(model.adapter().changes)
    assert len(names) == SHAPE["num_hidden_layers"] * (6 + 2)
    assert all(name.startswith("encoder.layer.") for name in names)
    assert TARGETS.startswith("encoder")
    trained = set(model.free())
    assert not any("word_embeddings" in name for name in trained)


def test_a_view_leaves_the_model_as_it_was_and_shares_its_weights(tuned):
    model, base = tuned
    before = last_states(base)
    view = adapted(base, model.adapter())
    assert torch.equal(last_states(base), before)
    own, theirs = view.bert.encoder.layer[0], base.bert.encoder.layer[0]
    shared = own.attention.self.query.weight
    assert shared.data_ptr() == theirs.attention.self.query.weight.data_ptr()
    assert view.bert.embeddings is base.bert.embeddings


def test_a_change_to_a_module_that_is_not_there_is_refused():
    base, change = random_bert(), Change(bias=np.zeros(HIDDEN, np.float32))
    with pytest.raises(KeyError):
        adapted(base, Adapter({"encoder.layer.99.output.LayerNorm": change},
                              np.zeros((2, HIDDEN)), np.zeros(2)))


def test_a_file_holds_half_precision_and_comes_back_within_it(tuned, tmp_path):
    adapter = tuned[0].adapter()
    save_file(packed(adapter), tmp_path / WEIGHTS)
    again = adapters.read(tmp_path)
    assert again.rank == 4 and again.parameters == adapter.parameters
    assert np.array_equal(again.weight, adapter.weight)
    for name, change in adapter.changes.items():
        for part, array in vars(change).items():
            if array is not None:
                stored = getattr(again.changes[name], part)
                assert np.allclose(stored, array, rtol=1e-3, atol=1e-4)
                with pytest.raises(ValueError, match="read-only"):
                    stored[...] = 0


def test_rank_32_on_all_six_maps_of_the_embedded_model_fits_three_megabytes():
    h, f, layers, rank = 384, 1536, 6, 32
    low_rank = layers * rank * (4 * (h + h) + 2 * (h + f))  # query, key, value, output; in, out
    vectors = layers * (4 * h + f + h + 2 * 2 * h)  # biases, two LayerNorms
    assert low_rank == 1_327_104
    assert 2 * (low_rank + vectors) + 4 * 17 * (h + 1) + 20_000 < MAX_BYTES


def test_a_name_that_no_adapter_has_is_refused():
    with pytest.raises(ValueError, match="momentum"):
        unpacked({"head.weight": np.zeros((2, 4)), "encoder.momentum": np.zeros(4)})


def test_a_missing_or_damaged_file_is_one_sentence(tmp_path):
    with pytest.raises(ModelUnavailable, match="missing"):
        adapters.read(tmp_path / "nowhere")
    (tmp_path / WEIGHTS).write_bytes(b"not weights")
    with pytest.raises(ModelUnavailable, match="damaged"):
        adapters.read(tmp_path)


def test_a_trace_of_a_task_is_the_pass_through_its_adapter():
    engine = StubEngine()
    request = TraceRequest("A fine film.", keep=frozenset({"after_ffn"}), layers=(LAYERS - 1,))
    plain = engine.trace(request).layers[0].after_ffn
    moved = engine.trace(replace(request, task="sentiment")).layers[0].after_ffn
    other = engine.trace(replace(request, task="spam")).layers[0].after_ffn
    ids = torch.tensor([engine.tokenize("embedded", "A fine film.").ids])
    with torch.inference_mode():
        view = adapted(random_bert(), random_adapter("sentiment"))
        expected = view.bert(ids).last_hidden_state.numpy()
    assert np.abs(moved - expected).max() <= 1e-5
    assert np.abs(moved - plain).max() > 1e-2 < np.abs(moved - other).max()


def test_a_task_of_another_model_or_of_no_name_is_refused_before_anything_is_loaded(tmp_path):
    engine = LocalEngine("cpu")
    folder = save_random_bert(tmp_path / "bert", **SHAPE)
    for model in (str(folder), "bert-base-uncased"):
        with pytest.raises(TaskNeedsModel, match="embedded"):
            engine.trace(TraceRequest("x", model=model, task="pos"))
    with pytest.raises(UnknownTask, match="sentiment"):
        engine.trace(TraceRequest("x", task="summary"))
    assert not engine.ready("embedded")
    shutil.rmtree(folder)


def test_every_task_has_a_folder_of_its_own_beside_the_models():
    assert len({task.folder for task in TASKS}) == len(TASKS)
    embedded = find("embedded").folder
    assert all(task.folder.parent.parent == Path(embedded).parents[1] for task in TASKS)
