"""The stored points of the pretraining run, as the masked-LM page reads them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.models.files import folder_of
from core.training.prompts import PROMPTS, SENTENCES, TOP_WORDS
from core.wordpiece.encoder import encode, tokenizer
from lessons.mlm import timelapse

POINTS, LAYERS, HEADS = 3, 2, 2
ROOT = Path(__file__).parents[3]


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A file as `core.training.timelapse.assemble` writes it."""
    rng = np.random.default_rng(0)
    lengths = [len(encode(folder_of("embedded"), s)) for s in SENTENCES]
    arrays = {
        "tokens": np.array([0, 20_000, 1_000_000]),
        "figures": np.float32([[0.0, 0.1, 0.5], [0.2, 0.3, 0.6], [0.4, 0.6, 0.9]]),
        "words": rng.integers(1000, 30000, (POINTS, len(PROMPTS), TOP_WORDS)).astype(np.int32),
        "probabilities": rng.random((POINTS, len(PROMPTS), TOP_WORDS)).astype(np.float16),
        **{f"attention_{i}": rng.integers(0, 256, (POINTS, LAYERS, HEADS, n, n)).astype(np.uint8)
           for i, n in enumerate(lengths)},
    }
    np.savez_compressed(tmp_path / "run.npz", **arrays)
    monkeypatch.setattr(timelapse, "FILE", tmp_path / "run.npz")
    timelapse.load.cache_clear()
    yield arrays
    timelapse.load.cache_clear()


def test_a_missing_file_is_none_and_no_error(monkeypatch, tmp_path):
    monkeypatch.setattr(timelapse, "FILE", tmp_path / "nothing.npz")
    timelapse.load.cache_clear()
    assert timelapse.load() is None
    timelapse.load.cache_clear()


def test_the_arrays_are_read_as_they_were_written(stored):
    found = timelapse.load()
    assert len(found) == POINTS
    assert found.tokens.tolist() == stored["tokens"].tolist()
    assert found.mlm.tolist() == stored["figures"][:, 0].tolist()
    assert found.nsp.tolist() == stored["figures"][:, 2].tolist()
    assert all(np.array_equal(a, stored[f"attention_{i}"]) for i, a in enumerate(found.attention))


def test_ids_become_the_words_of_the_embedded_vocabulary(stored):
    found = timelapse.load()
    names = tokenizer(folder_of("embedded"))
    assert found.words[2][11][7] == names.id_to_token(int(stored["words"][2, 11, 7]))


def test_each_sentence_has_as_many_pieces_as_its_attention_has_rows(stored):
    found = timelapse.load()
    for pieces, weights in zip(found.pieces, found.attention, strict=True):
        assert len(pieces) == weights.shape[-1]


def test_reading_the_file_needs_no_torch():
    code = (
        "import sys; from lessons.mlm import timelapse; timelapse.load(); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_what_travels_to_the_browser_holds_every_point(stored):
    import json

    from pages.pretraining.mlm_lapse import lapse_data

    found = timelapse.load()
    data = lapse_data(found, 3, 1, "light", {"play": "Play"})
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    assert header["shape"] == [POINTS, LAYERS, HEADS, len(found.pieces[1])]
    assert header["words"] == [list(point[3]) for point in found.words]
    assert data[4 + size :] == stored["attention_1"].tobytes()
