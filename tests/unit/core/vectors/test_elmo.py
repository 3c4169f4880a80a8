"""ELMo's vectors, probabilities, gap words and gates, on a small random biLM."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import EmptyText, ModelUnavailable, OutOfRange
from core.vectors import elmo
from core.vectors.bilm import (
    BEGIN_WORD,
    END_WORD,
    MOST_BYTES,
    PAD,
    BiLM,
    Shape,
    backward_order,
    spell,
)
from core.vectors.words import Vocabulary

WORDS = ["the", "bank", "of", "river", "was", "closed", "she", "sat", "on", "."]
COUNTS = [50, 3, 30, 4, 20, 2, 9, 5, 11, 45]
TEXT = ["she", "sat", "on", "the", "bank", "of", "the", "river", "."]
SHAPE = Shape(
    words=len(WORDS) + 1, character=6, filters=((1, 4), (3, 8), (5, 4)), hidden=20, projection=8
)


def write(folder: Path, shape: Shape = SHAPE) -> Path:
    torch.manual_seed(3)
    vocabulary = Vocabulary(WORDS, COUNTS)
    vocabulary.save(folder / "words.txt")
    weights = {k: w.half() * 2 for k, w in BiLM(shape).state_dict().items()}
    save_file(weights, folder / "elmo.safetensors")
    facts = {"shape": vars(shape), "words_sha256": elmo.words_sha256(vocabulary.words)}
    (folder / "elmo.json").write_text(json.dumps(facts))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("elmo"))


@pytest.fixture(scope="module")
def model(folder: Path) -> elmo.Elmo:
    return elmo.read(folder)


def test_the_module_is_imported_without_torch() -> None:
    code = "import sys, core.vectors.elmo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_word_is_spelled_in_bytes_between_two_marks() -> None:
    row = spell(["né"])[0].tolist()
    assert row[:5] == [BEGIN_WORD, ord("n"), 0xC3, 0xA9, END_WORD]
    assert set(row[5:]) == {PAD}


def test_a_long_word_is_cut_and_still_ends_in_its_mark() -> None:
    row = spell(["x" * 300])[0].tolist()
    assert row == [BEGIN_WORD, *[ord("x")] * MOST_BYTES, END_WORD]


def test_the_backward_order_turns_each_text_and_leaves_padding_behind() -> None:
    order = backward_order(torch.tensor([3, 2]), 3)
    assert order[:, 0].tolist() == [2, 1, 0]
    assert order[:, 1].tolist() == [1, 0, 2]


def test_there_are_three_layers_and_layer_0_is_the_word_alone_twice(model: elmo.Elmo) -> None:
    states = model.states(TEXT)
    assert states.shape == (3, len(TEXT), 16) and states.dtype == np.float32
    np.testing.assert_allclose(states[0, :, :8], states[0, :, 8:], atol=1e-5)
    np.testing.assert_allclose(states[0, 3], states[0, 6], atol=1e-6)  # "the" twice


def test_one_word_has_two_vectors_in_two_sentences(model: elmo.Elmo) -> None:
    river = model.states(["the", "bank", "of", "the", "river"])[:, 1]
    money = model.states(["the", "bank", "was", "closed"])[:, 1]
    np.testing.assert_allclose(river[0], money[0], atol=1e-6)
    assert np.abs(river[1:] - money[1:]).max() > 1e-3


def test_a_forward_state_has_seen_its_left_side_alone(model: elmo.Elmo) -> None:
    one, other = model.states(TEXT), model.states([*TEXT[:5], "was", "closed", "!"])
    np.testing.assert_allclose(one[:, :5, :8], other[:, :5, :8], atol=1e-6)
    assert np.abs(one[1:, :5, 8:] - other[1:, :5, 8:]).max() > 1e-4


def test_a_backward_state_has_seen_its_right_side_alone(model: elmo.Elmo) -> None:
    one, other = model.states(TEXT), model.states(["closed", *TEXT[4:]])
    np.testing.assert_allclose(one[:, 4:, 8:], other[:, 1:, 8:], atol=1e-6)
    assert np.abs(one[1:, 4:, :8] - other[1:, 1:, :8]).max() > 1e-4


def test_case_does_not_matter(model: elmo.Elmo) -> None:
    np.testing.assert_array_equal(model.states(["The", "BANK"]), model.states(["the", "bank"]))


def test_a_word_never_seen_has_vectors_from_its_letters(model: elmo.Elmo) -> None:
    states = model.states(["the", "riverbank", "riverbanks", "\U0001f409", "a\ud800"])
    assert np.isfinite(states).all()
    assert np.abs(states[0, 1] - states[0, 2]).max() > 1e-4


def test_log_probabilities_are_those_of_the_gap_filled_word_by_word(model: elmo.Elmo) -> None:
    forward, backward = model.log_probabilities(TEXT)
    assert forward.dtype == backward.dtype == np.float32
    for t, word in enumerate(TEXT):
        gap = model.fill(TEXT[:t], TEXT[t + 1 :], len(WORDS))
        assert dict(gap.forward)[word] == pytest.approx(np.exp(forward[t]), rel=1e-4)
        assert dict(gap.backward)[word] == pytest.approx(np.exp(backward[t]), rel=1e-4)


def test_all_words_and_the_unknown_one_share_a_probability_of_one(model: elmo.Elmo) -> None:
    left, right = TEXT[:4], TEXT[5:]
    gap = model.fill(left, right, 99)
    unknown = model.log_probabilities([*left, "zebra", *right])
    for ranked, rest in zip((gap.forward, gap.backward), unknown, strict=True):
        assert sum(p for _, p in ranked) + np.exp(rest[4]) == pytest.approx(1, abs=1e-5)


def test_both_sides_meet_by_the_rule_of_bayes(model: elmo.Elmo) -> None:
    gap = model.fill(TEXT[:4], TEXT[5:], len(WORDS))
    forward, backward = dict(gap.forward), dict(gap.backward)
    prior = dict(zip(WORDS, COUNTS, strict=True))
    product = {w: forward[w] * backward[w] / prior[w] for w in WORDS}
    total = sum(product.values())
    for word, p in gap.both:
        assert p == pytest.approx(product[word] / total, rel=1e-4)
    assert [p for _, p in gap.both] == sorted((p for _, p in gap.both), reverse=True)


def test_a_gap_may_stand_first_last_or_alone(model: elmo.Elmo) -> None:
    for left, right in (([], TEXT), (TEXT, []), ([], [])):
        assert len(model.fill(left, right, 3).both) == 3


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("layer", [1, 2])
def test_the_gates_lead_to_the_hidden_states_of_torch(
    model: elmo.Elmo, direction: str, layer: int
) -> None:
    cells = model.cells(TEXT, direction, layer)
    half = slice(8) if direction == "forward" else slice(8, 16)
    states = model.states(TEXT)[:, :, half]
    residual = states[1] if layer == 2 else 0
    np.testing.assert_allclose(cells.hidden + residual, states[layer], atol=1e-5)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_gates_obey_the_equations_from_word_to_word(
    model: elmo.Elmo, direction: str
) -> None:
    cells = model.cells(TEXT, direction, 1)
    now, before = slice(1, None), slice(None, -1)
    if direction == "backward":
        now, before = before, now
    kept = cells.forget[now] * cells.cell[before]
    np.testing.assert_allclose(
        cells.cell[now], kept + cells.input[now] * cells.candidate[now], atol=1e-6
    )
    stack = model.module.lstms(direction)
    projection = stack[0].weight_hr_l0.numpy()
    np.testing.assert_allclose(
        cells.hidden, (cells.output * np.tanh(cells.cell)) @ projection.T, atol=1e-5
    )
    for gate in (cells.input, cells.forget, cells.output):
        assert gate.shape == (len(TEXT), 20) and gate.min() >= 0 and gate.max() <= 1


def test_gates_of_a_layer_that_is_not_there_are_refused(model: elmo.Elmo) -> None:
    for layer in (0, 3):
        with pytest.raises(OutOfRange):
            model.cells(TEXT, "forward", layer)


def test_layers_are_mixed_as_in_equation_1() -> None:
    states = np.array([[[1.0, 2.0]], [[3.0, 0.0]], [[0.0, 6.0]]], dtype=np.float32)
    # softmax(0, 0, ln 2) = 1/4, 1/4, 1/2: (1 + 3) / 4 + 0 = 1 and 2 / 4 + 6 / 2 = 3.5
    mixed = elmo.mix(states, [0.0, 0.0, np.log(2.0)], gamma=2.0)
    np.testing.assert_allclose(mixed, [[2.0, 7.0]], rtol=1e-6)
    np.testing.assert_array_equal(elmo.mix(states, [1000.0, 0.0, 0.0]), states[0])
    assert mixed.dtype == np.float32


def test_no_words_are_an_empty_text(model: elmo.Elmo) -> None:
    calls = (model.states, model.log_probabilities, lambda none: model.cells(none, "forward", 1))
    for call in calls:
        with pytest.raises(EmptyText):
            call([])


def test_many_callers_at_once_get_what_one_gets(model: elmo.Elmo) -> None:
    texts = [[*TEXT[k:], *TEXT[:k]] for k in range(9)] * 4
    alone = [model.states(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        for one, other in zip(alone, pool.map(model.states, texts), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_model_is_read_once(folder: Path, model: elmo.Elmo) -> None:
    assert elmo.read(folder) is model


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"elmo\.safetensors is missing"):
        elmo.read(tmp_path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    weights = write(tmp_path) / "elmo.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelUnavailable, match="damaged"):
        elmo.read(tmp_path)


def test_another_word_list_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    Vocabulary(WORDS[::-1], COUNTS).save(tmp_path / "words.txt")
    with pytest.raises(ModelUnavailable, match="another"):
        elmo.read(tmp_path)
