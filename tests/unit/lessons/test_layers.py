"""A word under every choice of layers, against transformers and against arithmetic."""

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import OutOfRange, WordMissing
from core.models import files
from lessons.layers import figures, measured, places, pooling
from lessons.layers.lesson import Request, default_request, run, to_json
from lessons.text import presets
from lessons.theme import LIGHT

RIVER, MONEY = "She sat on the bank of the river.", "He put his money in the bank."


def spans(text, word):
    return places.occurrences(text, local_engine().tokenize("embedded", text), word)


@pytest.fixture(scope="module")
def bank():
    return run(local_engine(), Request(RIVER, "bank", MONEY))


def test_the_vectors_are_the_hidden_states_of_the_library(bank):
    import torch
    from transformers import BertModel

    folder = files.folder_of("embedded")
    model = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32)
    with torch.inference_mode():
        ids = torch.tensor([bank.first.encoded.ids])
        states = model.eval()(ids, output_hidden_states=True).hidden_states
    theirs = np.stack([s[0, 5].numpy() for s in states])  # [CLS] she sat on the bank
    assert np.abs(bank.first.vectors - theirs).max() < 1e-5


def test_a_word_of_several_pieces_has_the_mean_of_their_vectors():
    found = run(local_engine(), Request("The hydrothermodynamics of it.", "hydrothermodynamics"))
    assert len(found.first.pieces) > 2
    assert found.first.piece_names[0] == "hydro"


def test_sums_and_concatenation_on_small_numbers():
    layers = np.array([[9, 9], [1, 10], [2, 20], [3, 30], [4, 40], [5, 50]], np.float32)
    made = pooling.pooled(layers)
    assert made["last"].tolist() == [5, 50] and made["second_to_last"].tolist() == [4, 40]
    assert made["sum_all"].tolist() == [15, 150]  # without the embeddings, 9 and 9
    assert made["sum_last4"].tolist() == [14, 140]
    assert made["concat_last4"].tolist() == [2, 20, 3, 30, 4, 40, 5, 50]


def test_a_model_of_two_layers_gives_what_it_has():
    made = pooling.pooled(np.array([[9.0], [1.0], [2.0]], np.float32))
    assert made["sum_last4"].tolist() == [3.0] and made["concat_last4"].tolist() == [1.0, 2.0]


def test_whole_words_are_found_whatever_their_case():
    assert spans("New York is not Yorkshire, york.", "york") == ((4, 8), (27, 31))
    assert spans("They don't.", "don't") == ((5, 10),)
    assert spans("The party.", "art") == () and spans("A cat.", " ") == ()


def test_the_second_occurrence_is_another_vector():
    text = "George Washington never lived in Washington."
    one, two = (run(local_engine(), Request(text, "Washington", nth=n)) for n in (1, 2))
    assert one.first.pieces != two.first.pieces
    with pytest.raises(OutOfRange):
        run(local_engine(), Request(text, "Washington", nth=3))


def test_a_word_that_is_not_there_is_refused_and_a_second_sentence_without_it_is_empty():
    with pytest.raises(WordMissing):
        run(local_engine(), Request(RIVER, "money"))
    found = run(local_engine(), Request(RIVER, "river", MONEY))
    assert found.second is None and found.to_second == ()
    assert to_json(found)["to_second"] is None


def test_the_embedding_layer_hears_no_other_word():
    found = run(local_engine(), Request("A bank opened.", "bank", "A bank closed."))
    assert found.to_second[0] == pytest.approx(1.0)
    assert found.to_second[3] < 0.9999


def test_every_number_shown_is_proved(bank):
    assert bank.proof.holds
    formulas = {c.formula for c in bank.proof.checks}
    assert {"Σ x_l", "[x_(L-3); ...; x_L]", "1 - |a/|a| - b/|b||^2 / 2"} <= formulas


def test_between_is_symmetric_with_ones_and_leaves_the_concatenation_out(bank):
    square = bank.between
    assert np.allclose(np.diag(square), 1, atol=1e-6)
    assert np.allclose(square, square.T, equal_nan=True)
    assert np.isnan(square[-1, :-1]).all() and np.isfinite(square[:-1, :-1]).all()


def test_the_nearest_words_are_other_words(bank):
    for row in bank.nearest:
        assert len(row) == 3
        assert [n.cosine for n in row] == sorted((n.cosine for n in row), reverse=True)
        assert all(n.word != "bank" for n in row)


@pytest.mark.parametrize("preset", presets("layers"), ids=lambda p: p.id)
def test_every_example_runs(preset):
    found = run(local_engine(), default_request(preset, "embedded"))
    assert found.proof.holds


def test_each_probe_reads_its_own_layer(bank):
    if measured.measured() is None:
        pytest.skip("no probes are stored")
    pos = bank.tagging("pos")
    assert pos is not None and pos.logits.shape == (7, 9, 17)
    from safetensors.numpy import load_file

    stored = load_file(measured.FOLDER / measured.PROBES)
    weight, bias = (stored[f"pos.4.{part}"].astype(np.float64) for part in ("weight", "bias"))
    ours = weight @ bank.first.vectors[4] + bias  # "bank", the fifth word
    assert np.abs(ours - pos.logits[4, 4]).max() < 1e-4
    assert pos.labels[pos.tags[-1, 4]] == "NOUN"
    assert pos.labels[pos.tags[-1, 0]] == "PRON"


def test_another_model_has_no_probes():
    assert measured.probes("bert-base-uncased", "pos") == ()


def test_what_was_measured_with_other_weights_is_not_used(tmp_path):
    (tmp_path / measured.FIGURES).write_text('{"model": "0000000000000000"}')
    assert measured.measured(tmp_path) is None and measured.measured(tmp_path / "no") is None


def test_the_published_figures_are_those_of_table_7():
    found = measured.published()
    assert found.choices == {
        "embeddings": 91.0, "second_to_last": 95.6, "last": 94.9, "weighted_last4": 95.9,
        "concat_last4": 96.1, "weighted_all": 95.5,
    }
    assert found.tuned == {"BERT-large": 96.6, "BERT-base": 96.4}


def test_the_pictures_hold_the_figures(bank):
    import plotly.graph_objects as go

    labels = list(bank.names)
    bars = figures.to_second(bank, labels, LIGHT)
    assert list(bars.data[0].x) == list(bank.to_second)
    theirs = measured.published()
    drawn = [bars, figures.printed(theirs, list(theirs.choices), list(theirs.choices), LIGHT)]
    if (found := measured.measured()) is not None:
        names = list(theirs.choices)
        said = dict.fromkeys(("probe", "control", "usual", "linear", "bilstm", "tuned"), "x")
        drawn += [
            figures.ours(found, names, names, said, LIGHT),
            *(figures.curve(found.tasks[t], said, "layer", LIGHT) for t in measured.TASKS),
            *(figures.spent(found, t, said, "s", "{count}", LIGHT) for t in found.spent),
        ]
    for figure in drawn:
        go.Figure(figure.to_dict())  # every property is one that Plotly has
