"""Measuring which layer serves a tagger best: choices, readers, figures, the whole command."""

import json
import lzma
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models import files
from core.training.layer_probe import __main__ as command
from core.training.layer_probe import cost
from core.training.layer_probe.choices import Choice, Scale, published, single
from core.training.layer_probe.record import CARD, FIGURES, PROBES, write
from core.training.layer_probe.scores import (
    accuracy,
    control_tags,
    counts,
    f1,
    figure,
    usual_tags,
)
from core.training.layer_probe.states import Words, frozen
from core.training.layer_probe.tagger import LINEAR, Fit, fitted
from core.training.tasks.items import Item

torch.set_num_threads(1)

NER = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")


def words(states: np.ndarray, tags: list[int], ends: list[int], forms: str = "") -> Words:
    m = len(tags)
    return Words(states.astype(np.float16), np.array(tags), np.array(ends), np.ones(m, bool),
                 tuple(forms.split()) or tuple(map(str, range(m))))


@pytest.fixture
def separable() -> Words:
    """200 words of three layers; the tag stands in the sign of layer 2's first number alone."""
    rng = np.random.default_rng(0)
    states = rng.normal(size=(3, 200, 4))
    tags = (states[2, :, 0] > 0).astype(int)
    return words(states, tags.tolist(), list(range(5, 201, 5)))


def test_choices_are_made_of_the_layers_they_name():
    states = np.arange(3 * 2 * 2).reshape(3, 2, 2)  # layers, words, H
    given = words(states, [0, 0], [2])
    which = np.array([1])  # layer 0 has 2, 3; layer 1 has 6, 7; layer 2 has 10, 11
    assert Choice("", (1, 2)).rows(given, which).tolist() == [[[6, 7], [10, 11]]]
    assert Choice("", (0, 2), "sum").rows(given, which).tolist() == [[[12, 14]]]
    by_name = {choice.name: choice.layers for choice in published(6)}
    assert by_name["second_to_last"] == (5,) and by_name["concat_last4"] == (3, 4, 5, 6)
    assert by_name["weighted_all"] == (1, 2, 3, 4, 5, 6)


def test_the_scale_has_mean_0_and_spread_1_over_the_training_words(separable):
    choice = published(2)[1]
    scaled = Scale.of(choice, separable).applied(choice.rows(separable, np.arange(200)))
    assert np.abs(scaled.mean(0)).max() < 1e-4 and np.abs(scaled.std(0) - 1).max() < 1e-3


@pytest.mark.parametrize("fit", [replace(LINEAR, rate=0.02, batch=4),
                                 Fit(rate=0.02, least=100, batch=4, units=8)],
                         ids=["linear", "bilstm"])
def test_a_reader_finds_what_stands_in_its_layer_and_nothing_elsewhere(separable, fit):
    right = [
        (fitted(single(n), separable, 2, fit, 0).said(separable) == separable.tags).mean()
        for n in (0, 2)
    ]
    assert right[1] > 0.95 and right[0] < right[1]


def test_learned_weights_go_to_the_layer_that_tells(separable):
    choice = Choice("weighted", (1, 2), "weighted")
    fit = replace(LINEAR, rate=0.03, batch=4)
    mixed = fitted(choice, separable, 2, fit, 0).mixed()
    assert mixed is not None and sum(mixed) == pytest.approx(1, abs=1e-3)
    assert mixed[1] > 0.7


def test_the_shipped_weights_read_vectors_as_they_are(separable):
    reader = fitted(single(2), separable, 2, LINEAR, 0)
    weight, bias = reader.plain()
    x = separable.states[2].astype(np.float32)
    assert ((x @ weight.T + bias).argmax(1) == reader.said(separable)).all()


def test_the_same_seed_gives_the_same_reader(separable):
    one, other = (fitted(single(1), separable, 2, LINEAR, 3).plain()[0] for _ in range(2))
    assert (one == other).all()


def test_a_word_without_a_piece_is_never_right(separable):
    blind = replace(separable, seen=np.arange(200) != 7)
    said = fitted(single(2), blind, 2, LINEAR, 0).said(blind)
    assert said[7] == -1 and (np.delete(said, 7) >= 0).all()


def test_names_count_whole_and_intervals_hold_the_figure():
    # two sentences: "B-PER I-PER O" and "B-LOC O"; said "B-PER I-PER O" and "B-ORG O"
    given = words(np.zeros((1, 5, 1)), [1, 2, 0, 3, 0], [3, 5])
    found = counts(np.array([1, 2, 0, 5, 0]), given, NER)
    assert found.tolist() == [[3, 3, 1, 1, 1], [1, 2, 0, 1, 1]]
    total = found.sum(0)
    assert f1(total) == 2 * 1 / (2 + 2) and accuracy(total) == 4 / 5
    shown = figure([found], NER)
    assert shown["figure"] == 0.5 and shown["accuracy"] == 0.8
    assert shown["low"] <= 0.5 <= shown["high"]


def test_baselines_know_words_but_no_context():
    train = words(np.zeros((1, 5, 1)), [1, 1, 0, 1, 2], [5], "the the cat the sat")
    test = words(np.zeros((1, 3, 1)), [1, 0, 2], [3], "the cat ran")
    majority, usual = usual_tags(train, test)
    assert majority.tolist() == [1, 1, 1]
    assert usual.tolist() == [1, 0, 1]  # "ran" is new


def test_control_tags_belong_to_word_forms():
    train = words(np.zeros((1, 4, 1)), [0, 1, 0, 1], [4], "a b a c")
    test = words(np.zeros((1, 2, 1)), [0, 1], [2], "b new")
    taught, asked = control_tags(train, test, seed=1)
    assert taught[0] == taught[2] and asked[0] == taught[1]
    again, _ = control_tags(train, test, seed=1)
    assert (taught == again).all()


def test_frozen_vectors_are_those_of_the_words_first_pieces():
    from core.engine import local_engine
    from lessons.layers.lesson import Request, run

    text = "She sat on the bank."
    item = Item(text, words=((0, 3), (15, 19)), tags=(1, 0))
    longer = Item("A much longer sentence, so that the first one is padded in its batch.",
                  words=((0, 1),), tags=(0,))
    found = frozen([item, longer], "embedded", name="test")
    bank = run(local_engine(), Request(text, "bank")).first.vectors
    assert np.abs(found.states[:, 1] - bank).max() < 0.01  # float16
    assert found.ends.tolist() == [2, 3] and found.forms == ("she", "bank", "a")
    assert found.first(1).tags.tolist() == [1, 0]


ROWS = [("Ann", "PROPN", "B-PER"), ("saw", "VERB", "O"), ("Paris", "PROPN", "B-LOC"),
        (".", "PUNCT", "O")]


def _sets(folder) -> None:
    """Five sentences in each file that the readers of the two tasks want."""
    (folder / "ud_ewt").mkdir(parents=True)
    (folder / "uner_ewt").mkdir()
    (folder / "wnut17").mkdir()
    text = "# text = Ann saw Paris.\n"
    ud = text + "".join(f"{i + 1}\t{w}\t_\t{t}\n" for i, (w, t, _) in enumerate(ROWS)) + "\n"
    ner = text + "".join(f"{i + 1}\t{w}\t{t}\n" for i, (w, _, t) in enumerate(ROWS)) + "\n"
    for part in ("train", "dev", "test"):
        with lzma.open(folder / "ud_ewt" / f"{part}.conllu.xz", "wt") as file:
            file.write(5 * ud)
        (folder / "uner_ewt" / f"{part}.iob2").write_text(5 * ner)
    post = "".join(f"{w}\t{t}\n" for w, _, t in ROWS).replace("B-PER", "B-person")
    (folder / "wnut17" / "train.conll").write_text(5 * (post + "\n"))


@pytest.fixture
def measured_files(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "Settings", lambda seed: replace(SMALL, seed=seed))
    monkeypatch.setattr(command, "LINEAR", SHORT)
    monkeypatch.setattr(command, "BILSTM", replace(SHORT, units=4))
    monkeypatch.setattr(cost, "READERS", {"linear": SHORT, "bilstm": replace(SHORT, units=4)})
    _sets(tmp_path / "sets")
    arguments = ["--data", str(tmp_path / "sets"), "--work", str(tmp_path / "work"),
                 "--target", str(tmp_path / "layers")]
    command.main(arguments)
    return tmp_path, arguments


SMALL = command.Settings(seeds=1, steps=1, sentences=(("pos", 4), ("ner", 8)),
                         sizes=(("ner", (4,)),))
SHORT = Fit(epochs=1, least=1)


def test_the_command_leaves_figures_probes_and_a_card_and_goes_on_after_a_stop(
    measured_files, capsys
):
    folder, arguments = measured_files
    record = json.loads((folder / "layers" / FIGURES).read_text())
    assert record["model"] == files.checksum("embedded")
    assert set(record["choices"]) == {choice.name for choice in published(6)}
    assert [row["layer"] for row in record["tasks"]["pos"]["layers"]] == list(range(7))
    assert {row["way"] for row in record["cost"]["ner"]} == {"linear", "bilstm", "tuned"}
    from safetensors.numpy import load_file

    probes = load_file(folder / "layers" / PROBES)
    assert probes["pos.6.weight"].shape == (17, 384) and probes["ner.0.bias"].shape == (7,)
    card = (folder / "layers" / CARD).read_text()
    assert "{{" not in card and record["command"] in card

    last = next((folder / "work").glob("*/pos-layer-6.json"))
    last.unlink()  # as if it had been stopped there
    other = next((folder / "work").glob("*/pos-layer-5.json"))
    written = other.stat().st_mtime_ns
    command.main(arguments)
    again = json.loads((folder / "layers" / FIGURES).read_text())
    assert again == record and other.stat().st_mtime_ns == written


def test_probes_above_a_megabyte_are_refused(tmp_path, monkeypatch):
    from core.training.layer_probe import record

    monkeypatch.setattr(record, "MAX_BYTES", 10)
    np.savez(tmp_path / "weights-pos-0.npz", weight=np.zeros((17, 4)), bias=np.zeros(17))
    found = {"tasks": {"pos": {"layers": [{"layer": 0}]}}, "choices": {}, "cost": {}}
    with pytest.raises(ValueError, match="bytes"):
        write(tmp_path / "to", found, {}, "command", tmp_path)


def test_another_setting_has_a_folder_of_its_own(tmp_path):
    one = command.Store(tmp_path, SMALL)
    other = command.Store(tmp_path, replace(SMALL, seed=1))
    assert one.folder != other.folder
    assert one.part("x", lambda: 5) == 5 and one.part("x", lambda: 6) == 5
    assert other.part("x", lambda: 6) == 6
