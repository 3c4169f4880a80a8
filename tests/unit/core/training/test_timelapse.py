"""Snapshots of a run: when they are taken, what they hold, how they become one file."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForPreTraining

from core.models.files import folder_of
from core.training.batches import SpecialIds, collate
from core.training.pairs import IS_NEXT, NOT_NEXT, Pair
from core.training.prompts import PROMPTS, SENTENCES, TOP_WORDS
from core.training.timelapse import assemble, snapshot_points, take_snapshot
from core.wordpiece.encoder import tokenizer as tokenizer_of

LAYERS, HEADS = 2, 2


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_of(folder_of("embedded"))


@pytest.fixture(scope="module")
def model(tokenizer):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=8, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=16, attn_implementation="eager",
    )
    return BertForPreTraining(config).train()


@pytest.fixture(scope="module")
def shot(model, tokenizer):
    pairs = [Pair(np.arange(1000, 1020), np.arange(2000, 2020), label)
             for label in (IS_NEXT, NOT_NEXT)]
    probe = [collate(pairs, SpecialIds.of(tokenizer), np.random.default_rng(0))]
    return take_snapshot(model, tokenizer, probe, 1234)


def test_the_points_start_at_zero_and_grow_evenly_in_the_logarithm():
    points = snapshot_points(20_000_000, 24)
    assert len(points) == 24 and points[0] == 0 and points[1] == 20_000
    assert points[-1] == 20_000_000
    growth = np.diff(np.log(points[1:]))
    assert np.allclose(growth, growth[0], atol=1e-3)


def test_every_prompt_asks_for_one_word(tokenizer):
    assert len(PROMPTS) == 12
    assert all(tokenizer.encode(p).tokens.count("[MASK]") == 1 for p in PROMPTS)


def test_a_snapshot_has_the_documented_shapes(shot, tokenizer):
    assert shot["tokens"] == 1234 and shot["figures"].shape == (3,)
    assert shot["words"].shape == shot["probabilities"].shape == (len(PROMPTS), TOP_WORDS)
    for n, sentence in enumerate(SENTENCES):
        pieces = len(tokenizer.encode(sentence).ids)
        assert shot[f"attention_{n}"].shape == (LAYERS, HEADS, pieces, pieces)
        assert shot[f"attention_{n}"].dtype == np.uint8


def test_the_words_of_a_snapshot_are_the_models_best(shot, model, tokenizer):
    encoded = tokenizer.encode(PROMPTS[0])
    model.eval()
    with torch.inference_mode():
        logits = model(torch.tensor([encoded.ids])).prediction_logits[0]
    at = encoded.tokens.index("[MASK]")
    assert shot["words"][0].tolist() == logits[at].topk(TOP_WORDS).indices.tolist()
    best = torch.softmax(logits[at], -1).max()
    assert shot["probabilities"][0, 0] == pytest.approx(float(best), rel=1e-3)  # float16


def test_a_row_of_stored_attention_adds_up_to_one(shot):
    """Each of n weights is rounded to 1/255: the sum is within n / 510 of 1."""
    rows = shot["attention_0"].sum(axis=-1) / 255
    assert np.abs(rows - 1).max() <= shot["attention_0"].shape[-1] / 510


def test_a_snapshot_leaves_the_model_in_training(tokenizer):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=4, num_hidden_layers=1,
        num_attention_heads=1, intermediate_size=4, attn_implementation="eager",
    )
    trained = BertForPreTraining(config).train()
    pairs = [Pair(np.arange(1000, 1010), np.arange(2000, 2010), IS_NEXT)]
    probe = [collate(pairs, SpecialIds.of(tokenizer), np.random.default_rng(0))]
    take_snapshot(trained, tokenizer, probe, 0)
    assert trained.training


def test_snapshots_are_joined_in_the_order_of_their_names(shot, tmp_path):
    for tokens in (500, 20, 3):
        np.savez(tmp_path / f"{tokens:012d}.npz", **{**shot, "tokens": np.int64(tokens)})
    target = tmp_path / "out" / "run.npz"
    target.parent.mkdir()
    assert assemble(tmp_path, target) == 3
    with np.load(target, allow_pickle=False) as joined:
        assert joined["tokens"].tolist() == [3, 20, 500]
        assert joined["attention_1"].shape[0] == 3


def test_an_empty_folder_is_named_in_the_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        assemble(tmp_path, tmp_path / "out.npz")
