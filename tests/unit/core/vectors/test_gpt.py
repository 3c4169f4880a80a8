"""The left-to-right model: who is looked at, what is stored, and what does not fit together."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForPreTraining

from core.errors import ModelUnavailable
from core.training.gpt import start_model
from core.training.gpt_export import write
from core.vectors import gpt
from core.vectors.causal import TABLE
from core.vectors.quantize import dequantize_rows, packed, quantize_rows, unpacked

TEXT = "The bank of the river was unbelievably wet."


def store(embedded: Path, folder: Path) -> Path:
    """The causal model that starts from `embedded`, as training would store it."""
    sha256 = gpt.table_sha256(gpt.read_table(embedded))
    write(start_model(embedded), sha256, {}, folder)
    return folder


@pytest.fixture(scope="module")
def stored(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tiny, tmp_path_factory.mktemp("gpt"))


@pytest.fixture(scope="module")
def model(stored: Path, tiny: Path) -> gpt.Gpt:
    return gpt.read(stored, tiny)


def test_changing_a_later_piece_changes_no_earlier_log_probability(model):
    pieces, before = model.log_probabilities("the river bank was very wet")
    changed, after = model.log_probabilities("the river bank was very green")
    assert pieces[:-1] == changed[:-1]
    np.testing.assert_allclose(after[:-1], before[:-1], atol=1e-6)
    assert after[-1] != before[-1]


def test_states_see_the_left_alone(model):
    _, short = model.states("the river bank")
    _, long = model.states("the river bank was very wet")
    assert long.shape == (3, 6, 16)  # L + 1, n, H
    np.testing.assert_allclose(long[:, :3], short, atol=1e-6)


def test_next_pieces_agree_with_the_log_probability_of_the_whole_text(model):
    pieces, values = model.log_probabilities("the river bank")
    following = dict(model.next_pieces("the river", 30522))
    assert sum(following.values()) == pytest.approx(1, abs=1e-4)
    assert following["bank"] == pytest.approx(float(np.exp(values[-1])), rel=1e-4)
    assert pieces == ("the", "river", "bank")


def test_next_pieces_come_best_first_and_words_are_whole(model):
    probabilities = [p for _, p in model.next_pieces(TEXT, 20)]
    assert probabilities == sorted(probabilities, reverse=True)
    words = model.next_words(TEXT, 50)
    assert len(words) == 50
    assert all(word[0].isalnum() for word, _ in words)
    every = dict(model.next_pieces(TEXT, 30522))
    assert all(every[word] == pytest.approx(p) for word, p in words)


def test_nothing_on_the_left_still_has_a_next_piece(model):
    assert len(model.next_pieces("", 5)) == 5
    pieces, values = model.log_probabilities("")
    assert pieces == () and len(values) == 0


def test_upper_case_and_lone_surrogates_are_read_as_the_tokenizer_reads_them(model):
    assert model.next_pieces("THE River\ud800", 3) == model.next_pieces("the river", 3)


def test_a_long_text_is_scored_to_its_last_piece(model):
    text = " ".join(["the river bank was wet"] * 60)  # 300 pieces, room for 127
    pieces, values = model.log_probabilities(text)
    assert len(pieces) == len(values) == 300
    assert np.isfinite(values).all() and (values < 0).all()
    _, first = model.log_probabilities(" ".join(text.split()[:127]))
    np.testing.assert_allclose(values[:127], first, atol=1e-5)
    assert model.next_pieces(text, 3) == model.next_pieces(" ".join(text.split()[-127:]), 3)


def test_windows_score_every_piece_once_with_half_a_window_before_it():
    assert list(gpt.windows(0, 10)) == []
    assert list(gpt.windows(7, 10)) == [(0, 0, 7)]
    assert list(gpt.windows(18, 10)) == [(0, 0, 10), (5, 10, 15), (8, 15, 18)]


def test_the_start_is_bert_under_a_causal_mask(tiny):
    """One layer's attention mask is all that differs from transformers' BERT."""
    bert = BertForPreTraining.from_pretrained(tiny, attn_implementation="eager").eval()
    causal = start_model(tiny).eval()
    ids = torch.tensor([[101, 1996, 2314, 2924, 102]])
    n = ids.shape[1]
    mask = torch.zeros(1, 1, n, n).masked_fill(torch.ones(n, n).triu(1).bool(), -torch.inf)
    with torch.inference_mode():
        expected = bert.bert.encoder(bert.bert.embeddings(ids), attention_mask=mask)
        hidden = causal.states(ids)[-1]
        torch.testing.assert_close(hidden, expected.last_hidden_state, atol=1e-5, rtol=1e-5)
        scores = bert.cls.predictions(expected.last_hidden_state)[0]
        torch.testing.assert_close(causal.logits(hidden[0]), scores, atol=1e-4, rtol=1e-5)


def test_quantized_rows_are_off_by_at_most_half_a_step():
    matrix = np.random.default_rng(0).normal(0, 0.1, (50, 80)).astype(np.float32)
    matrix[3] = 0
    levels, scale = quantize_rows(matrix)
    assert levels.dtype == np.int8 and scale.dtype == np.float16
    off = np.abs(dequantize_rows(levels, scale) - matrix)
    assert (off <= scale[:, None].astype(np.float32) * 0.5 + 1e-7).all()
    assert (dequantize_rows(levels, scale)[3] == 0).all()


def test_quantizing_twice_changes_nothing_more():
    matrix = np.random.default_rng(1).normal(0, 0.1, (20, 30)).astype(np.float32)
    once, again = matrix, matrix
    for _ in range(2):
        stored = packed({"w": again})
        once, again = again, dict(unpacked(stored, stored.__getitem__))["w"]
    np.testing.assert_allclose(again, once, rtol=2e-3)


def test_vectors_and_kept_matrices_stay_half_precision():
    weights = {"b": np.ones(3, np.float32), "p": np.ones((2, 3), np.float32) / 3}
    stored = packed(weights, kept=("p",))
    assert {name: array.dtype for name, array in stored.items()} == {
        "b": np.float16, "p": np.float16
    }
    with pytest.raises(ValueError, match="b does not fit"):
        packed({"b": np.array([1e6], np.float32)})


def test_the_table_is_not_stored_again(stored):
    names = load_file(stored / gpt.WEIGHTS)
    assert "table" not in names
    assert not any(array.shape[0] == 30522 and array.ndim == 2 for array in names.values())


def test_another_table_is_refused_with_a_sentence(stored, tiny, tmp_path):
    other = shutil.copytree(tiny, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    weights[TABLE] = weights[TABLE].clone()
    weights[TABLE][5, 0] += 1
    save_file(weights, other / "model.safetensors")
    with pytest.raises(ModelUnavailable, match="another word-embedding table"):
        gpt.read(stored, other)


def test_missing_and_damaged_files_are_refused_with_a_sentence(stored, tiny, tmp_path):
    with pytest.raises(ModelUnavailable, match=r"gpt\.safetensors is missing"):
        gpt.read(tmp_path, tiny)
    broken = shutil.copytree(stored, tmp_path / "broken")
    (broken / gpt.WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match="damaged"):
        gpt.read(broken, tiny)
    facts = json.loads((stored / gpt.FACTS).read_text())
    (broken / gpt.FACTS).write_text(json.dumps({**facts, "shape": {}}))
    with pytest.raises(ModelUnavailable, match="damaged"):
        gpt.read(broken, tiny)


def test_the_model_is_read_once(stored, tiny, monkeypatch):
    monkeypatch.setattr(gpt, "FOLDER", stored)
    monkeypatch.setattr(gpt.files, "folder_of", lambda _: tiny)
    assert gpt.load() is gpt.load()
