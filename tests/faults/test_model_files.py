"""A model's files missing, cut short or damaged: one sentence, and a mended file is read again."""

import json
import random
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from core.contract import TraceRequest
from core.engine import LocalEngine
from core.errors import ModelUnavailable
from core.models import files
from core.models.loading import load
from core.models.registry import FOLDERS_SETTING
from lessons.wordpiece import lesson as wordpiece
from pages.ui.failures import sentence_for

CONFIG, WEIGHTS = "config.json", "model.safetensors"
TEXT = "The sun is warm."


@pytest.fixture
def folder(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that a class server offers beside the embedded one."""
    found = Path(shutil.copytree(tiny, tmp_path / "own"))
    monkeypatch.setenv(FOLDERS_SETTING, str(found))
    return found


def header_of(whole: bytes) -> bytes:
    return whole[8 : 8 + struct.unpack("<Q", whole[:8])[0]]


def cut_short(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_in_header(folder: Path, old: bytes, new: bytes) -> None:
    """One byte of the header becomes another; all else stays where it is."""
    path = folder / WEIGHTS
    whole = path.read_bytes()
    header = header_of(whole)
    assert old in header and len(old) == len(new)
    path.write_bytes(whole[:8] + header.replace(old, new, 1) + whole[8 + len(header) :])


def change_config(folder: Path, **changes: object) -> None:
    path = folder / CONFIG
    config = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(config), encoding="utf-8")


def without_vocabulary(folder: Path) -> None:
    for name in ("vocab.txt", "tokenizer.json"):
        (folder / name).unlink()


QUERY = b"bert.encoder.layer.0.attention.self.query.weight"
FAULTS = {
    "weights missing": lambda f: (f / WEIGHTS).unlink(),
    "weights cut short": lambda f: cut_short(f, WEIGHTS),
    "weights empty": lambda f: (f / WEIGHTS).write_bytes(b""),
    "header is no JSON": lambda f: flip_in_header(f, b'{"', b'{\x00'),
    "a weight's name": lambda f: flip_in_header(f, QUERY, QUERY.replace(b"query", b"quory")),
    "the pooler's name": lambda f: flip_in_header(f, b"pooler.dense.b", b"pooler.dense.c"),
    "a weight's shape": lambda f: flip_in_header(f, b"[30522,16]", b"[30522,17]"),
    "a weight's dtype": lambda f: flip_in_header(f, b'"F32"', b'"F16"'),
    "config missing": lambda f: (f / CONFIG).unlink(),
    "config cut short": lambda f: cut_short(f, CONFIG),
    "config of another model": lambda f: change_config(f, hidden_size=32),
    "vocabulary missing": without_vocabulary,
    "tokenizer cut short": lambda f: cut_short(f, "tokenizer.json"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_sentence_says_what_is_wrong_and_a_mended_file_is_read_at_the_next_question(
    folder, tiny, fault
):
    engine = LocalEngine("cpu")
    FAULTS[fault](folder)
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as refused:
            engine.trace(TraceRequest(TEXT, model=str(folder)))
    english = sentence_for(refused.value, "en")
    chinese = sentence_for(refused.value, "zh")
    assert english.startswith("The model own cannot be loaded: it") and "\n" not in english
    assert chinese.startswith("无法加载模型 own：") and " it" not in chinese
    shutil.copytree(tiny, folder, dirs_exist_ok=True)
    mended = engine.trace(TraceRequest(TEXT, model=str(folder)))
    whole = engine.trace(TraceRequest(TEXT, model=str(tiny)))
    assert np.array_equal(mended.layers[-1].after_ffn, whole.layers[-1].after_ffn)


def test_no_flipped_byte_of_the_header_gives_other_weights_in_silence(folder, tiny):
    """transformers makes up at random what it does not find; here that is a refusal."""
    whole = (folder / WEIGHTS).read_bytes()
    expected = {name: w.numpy() for name, w in load(str(tiny), "cpu").state_dict().items()}
    draw, refused = random.Random(7), 0
    size = len(header_of(whole))
    for place in [8 + draw.randrange(size) for _ in range(25)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(7)
        (folder / WEIGHTS).write_bytes(bytes(damaged))
        files.info.cache_clear()
        try:
            found = load(str(folder), "cpu").state_dict()
        except ModelUnavailable:
            refused += 1
            continue
        for name, weight in found.items():
            assert np.array_equal(weight.numpy(), expected[name]), (place, name)
    assert refused >= 15


def test_a_text_is_cut_into_pieces_although_the_weights_are_missing_or_damaged(folder):
    engine = LocalEngine("cpu")
    cut_short(folder, WEIGHTS)
    assert wordpiece.run(engine, wordpiece.Request(TEXT, str(folder))).encoded.tokens[1] == "the"
    (folder / WEIGHTS).unlink()
    assert engine.tokenize(str(folder), TEXT).tokens[1] == "the"


def test_a_model_that_is_in_memory_goes_on_when_its_files_go(folder):
    engine = LocalEngine("cpu")
    before = engine.trace(TraceRequest(TEXT, model=str(folder)))
    for name in (WEIGHTS, CONFIG):
        (folder / name).unlink()
    again = LocalEngine.trace(engine, TraceRequest(TEXT + " ", model=str(folder)))
    assert np.array_equal(again.layers[-1].after_ffn, before.layers[-1].after_ffn)
