"""A run becomes the files the app ships, and the card's figures come from those files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import BertWordPieceTokenizer, Tokenizer
from transformers import BertConfig, BertForPreTraining

from core.training import card, export

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "##s", "."]
EVALUATION = {
    "mlm_top1": 0.5125, "mlm_top5": 0.7, "mlm_top1_masked": 0.48, "mlm_top5_masked": 0.68,
    "mlm_loss": 2.5, "nsp": 0.951, "positions": 12345, "pairs": 678,
}


def tiny_config() -> BertConfig:
    return BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )


@pytest.fixture
def model() -> BertForPreTraining:
    torch.manual_seed(0)
    return BertForPreTraining(tiny_config()).eval()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Tokenizer files as a sentence encoder leaves them: cut at 4 pieces, padded to 4."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"do_lower_case": True, "name_or_path": "elsewhere"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "special_tokens_map.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def shipped(tmp_path: Path, base: Path, model: BertForPreTraining) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    export.export_weights(model.state_dict(), tiny_config(), folder)
    export.export_tokenizer(base, folder)
    record = export.training_record({"tokens": 20_000, "steps": 7, "pool": 1, "batch": 2}, 1, None)
    (folder / "training.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_exported_weights_are_the_trained_ones_to_float16(shipped, model):
    """float16 keeps 11 bits, so a weight moves by at most 2^-11 of itself (or 2^-25 near 0)."""
    loaded = BertForPreTraining.from_pretrained(shipped, dtype=torch.float32)
    for name, trained in model.state_dict().items():
        difference = (loaded.state_dict()[name] - trained).abs()
        assert (difference <= trained.abs() * 2**-11 + 2**-25).all(), name


def test_the_decoder_is_stored_once_and_in_float16(shipped):
    from safetensors.numpy import load_file

    stored = load_file(shipped / "model.safetensors")
    assert "cls.predictions.decoder.weight" not in stored
    assert {array.dtype for array in stored.values()} == {np.dtype(np.float16)}


def test_dropout_is_off_and_both_heads_are_declared(shipped):
    config = json.loads((shipped / "config.json").read_text())
    assert config["hidden_dropout_prob"] == config["attention_probs_dropout_prob"] == 0
    assert config["architectures"] == ["BertForPreTraining"]


def test_the_tokenizer_no_longer_cuts_or_pads(shipped):
    tokenizer = Tokenizer.from_file(str(shipped / "tokenizer.json"))
    assert tokenizer.truncation is None and tokenizer.padding is None
    assert tokenizer.encode("the cats sat.").tokens == [
        "[CLS]", "the", "cat", "##s", "sat", ".", "[SEP]"
    ]
    assert "name_or_path" not in json.loads((shipped / "tokenizer_config.json").read_text())


def test_a_weight_beyond_float16_is_refused(model, tmp_path):
    state = model.state_dict()
    state["cls.seq_relationship.bias"] = torch.tensor([1e6, 0.0])  # float16 ends at 65,504
    with pytest.raises(ValueError, match="seq_relationship"):
        export.export_weights(state, tiny_config(), tmp_path)


def test_a_run_that_went_on_from_a_model_counts_its_tokens_in(shipped):
    record = export.training_record({"tokens": 5_000, "steps": 3}, 2, shipped)
    assert (record["tokens"], record["steps"]) == (25_000, 10)
    assert [run["seed"] for run in record["runs"]] == [1, 2]


def test_the_card_says_where_a_lengthened_run_came_to_its_ends(shipped):
    record = export.training_record({"tokens": 46_000, "steps": 9}, 1, None, (28_000, 46_000))
    (shipped / "training.json").write_text(json.dumps(record), encoding="utf-8")
    (shipped / "evaluation.json").write_text(json.dumps(EVALUATION), encoding="utf-8")
    assert "fell to zero at 28,000 and 46,000 pieces" in card.card(shipped)


def test_a_time_lapse_over_the_limit_is_refused(tmp_path, monkeypatch):
    shots = tmp_path / "snapshots"
    shots.mkdir()
    for point in range(2):
        np.savez(shots / f"{point:012d}.npz", tokens=np.int64(point), words=np.arange(6))
    size = export.export_timelapse(shots, tmp_path / "out" / "lapse.npz")
    with np.load(tmp_path / "out" / "lapse.npz") as joined:
        assert joined["tokens"].tolist() == [0, 1] and joined["words"].shape == (2, 6)
    monkeypatch.setattr(export, "MAX_TIMELAPSE_BYTES", size - 1)
    with pytest.raises(ValueError, match="bytes"):
        export.export_timelapse(shots, tmp_path / "out" / "lapse.npz")


def test_the_card_takes_every_figure_from_the_files(shipped):
    (shipped / "evaluation.json").write_text(json.dumps(EVALUATION), encoding="utf-8")
    text = card.card(shipped)
    assert "{{" not in text
    assert "2 layers, 2 heads, hidden size 8, d_k 4" in text
    assert "20,000 word pieces seen" in text and "seed 1" in text
    assert "| 0.512 |" in text or "| 0.513 |" in text
    assert "12,345" in text and "0.951" in text
    assert "15%" in text and "80%" in text and text.count("10%") == 2


def test_a_card_without_its_evaluation_is_not_written(shipped):
    with pytest.raises(FileNotFoundError):
        card.card(shipped)
