"""GloVe's counts, its loss and AdaGrad's steps, each against arithmetic by hand."""

import json
import math

import numpy as np
import pytest
import torch

from core.training import cooccurrence as counting
from core.training.cooccurrence import cooccurrence, load_cooccurrence
from core.training.glove import Cells, Run, Settings, Side, descend
from core.training.static_export import export
from core.training.word_corpus import WordCorpus
from core.vectors import static
from core.vectors.cooccurrence import Glove, terms, weight
from core.vectors.words import Vocabulary


def table(sentences: list[list[int]], size: int, window: int = 10):
    ids = np.array([w for s in sentences for w in s], dtype=np.uint16)
    sentence = np.repeat(np.arange(len(sentences)), [len(s) for s in sentences])
    return cooccurrence(ids, sentence, size, window)


@pytest.fixture
def random_table():
    draw = np.random.default_rng(0)
    return table([draw.integers(0, 30, size=12).tolist() for _ in range(40)], 30)


def test_a_pair_counts_one_over_its_distance_in_both_directions():
    # 0 1 2 0: 0-1 at 1, and 1-0 at 2; 0-2 at 2, and 2-0 at 1; 1-2 at 1; 0-0 at 3, both ways
    x = table([[0, 1, 2, 0]], 3).toarray()
    expected = [[2 / 3, 1 + 1 / 2, 1 / 2 + 1], [1.5, 0, 1], [1.5, 1, 0]]
    assert x == pytest.approx(np.array(expected), abs=1e-12)


def test_no_pair_crosses_the_end_of_a_sentence_or_of_the_window():
    x = table([[0, 1], [2, 3, 4]], 5, window=1).toarray()
    assert sorted(zip(*np.nonzero(np.triu(x)), strict=True)) == [(0, 1), (2, 3), (3, 4)]


def test_a_text_counted_in_pieces_gives_the_same_table(monkeypatch, random_table):
    monkeypatch.setattr(counting, "_AT_A_TIME", 7)
    draw = np.random.default_rng(0)
    again = table([draw.integers(0, 30, size=12).tolist() for _ in range(40)], 30)
    assert again.toarray() == pytest.approx(random_table.toarray(), abs=1e-12)


def test_the_table_is_counted_once_and_then_read(tmp_path):
    ids = np.array([0, 1, 1, 2], dtype=np.uint16)
    corpus = WordCorpus(ids, np.array([0, 2, 4]), 4)
    cache = tmp_path / "glove" / "x.npz"
    first = load_cooccurrence(corpus, 3, cache)
    nothing = WordCorpus(ids[:0], np.array([0]), 0)
    assert np.array_equal(load_cooccurrence(nothing, 3, cache).toarray(), first.toarray())


def test_the_weight_rises_to_one_at_x_max():
    # (6.25 / 100) ** 0.75 = (1 / 16) ** (3 / 4) = 1 / 8
    assert weight(np.array([0, 6.25, 100, 5000])).tolist() == pytest.approx([0, 1 / 8, 1, 1])


def test_the_cells_hold_logarithms_and_weights_in_the_same_places():
    x = table([[0, 1]], 3)  # X = 1 at (0, 1) and (1, 0): log 1 = 0 is a cell all the same
    cells = Cells.of(x, 100, 0.75)
    assert len(cells) == 2
    assert cells.logs.toarray().max() == 0
    assert cells.weights.toarray()[0, 1] == pytest.approx(100**-0.75)


@pytest.mark.parametrize("at_a_time", [7, 30, 100])
def test_the_blocks_hold_every_cell_once(random_table, at_a_time):
    cells = Cells.of(random_table, 100, 0.75)
    logs, weights = np.zeros((30, 30)), np.zeros((30, 30))
    for rows, columns, some_logs, some_weights in cells.blocks(at_a_time, np.random.default_rng(3)):
        logs[np.ix_(rows, columns)] += some_logs
        weights[np.ix_(rows, columns)] += some_weights
    assert np.array_equal(logs, cells.logs.toarray())
    assert np.array_equal(weights, cells.weights.toarray())


def test_one_step_is_the_textbook_s():
    # w = (1, 2), context = (3, 0), b = 0.5, b~ = -0.5, log X = 1, f = 0.25:
    # gap = 3 + 0 - 1 = 2; loss = 0.25 * 4 = 1; pull = 0.25 * 2 = 0.5
    # slope of w = 0.5 * (3, 0) = (1.5, 0), squares 1 + 2.25: w_1 = 1 - 0.1 * 1.5 / sqrt(3.25)
    # slope of context = 0.5 * (1, 2) = (0.5, 1), squares 1 + (0.25, 1)
    # slope of each bias = 0.5, squares 1.25
    word = Side(torch.tensor([[1.0, 2.0]]), torch.tensor([0.5]), torch.ones(1, 2), torch.ones(1))
    other = Side(torch.tensor([[3.0, 0.0]]), torch.tensor([-0.5]), torch.ones(1, 2), torch.ones(1))
    only = torch.tensor([0])
    loss = descend(word, other, only, only, torch.tensor([[1.0]]), torch.tensor([[0.25]]), 0.1)
    assert float(loss) == pytest.approx(1.0)
    assert word.vectors[0].tolist() == pytest.approx([1 - 0.15 / math.sqrt(3.25), 2])
    assert other.vectors[0].tolist() == pytest.approx(
        [3 - 0.05 / math.sqrt(1.25), -0.1 / math.sqrt(2)]
    )
    assert float(word.bias) == pytest.approx(0.5 - 0.05 / math.sqrt(1.25))
    assert word.vector_squares[0].tolist() == pytest.approx([3.25, 1])


def test_a_step_moves_the_rows_and_columns_of_its_block_alone(random_table):
    cells = Cells.of(random_table, 100, 0.75)
    draw = np.random.default_rng(1)
    word, other = Side.new(30, 4, draw), Side.new(30, 4, draw)
    before = word.vectors.clone(), other.vectors.clone()
    rows, columns, logs, weights = map(torch.from_numpy, next(cells.blocks(5, draw)))
    descend(word, other, rows, columns, logs, weights, 0.1)
    for side, old, used in ((word, before[0], rows), (other, before[1], columns)):
        moved = (side.vectors != old).any(dim=1).nonzero().ravel().tolist()
        assert set(moved) <= set(used.tolist())


def test_the_first_epoch_s_loss_in_one_block_is_equation_8(random_table, tmp_path):
    cells = Cells.of(random_table, 100, 0.75)
    run = Run(Settings(1, dimensions=4, rows_at_a_time=30), cells, tmp_path)
    word, other = run.word, run.context
    parts = word.vectors, other.vectors, word.bias, other.bias
    w, context, bias, other_bias = (p.clone().numpy() for p in parts)
    run.to_the_end()
    gap = w @ context.T + bias[:, None] + other_bias - cells.logs.toarray()
    by_hand = (cells.weights.toarray() * gap**2).sum()
    assert run.curve[0] * len(cells) == pytest.approx(by_hand, rel=1e-5)


def test_counts_that_a_few_dimensions_can_explain_are_explained(random_table, tmp_path):
    cells = Cells.of(random_table, 1.0, 0.75)
    run = Run(Settings(60, 20, x_max=1.0, rate=0.5, rows_at_a_time=15), cells, tmp_path)
    run.to_the_end()
    assert run.curve[-1] < 0.05 * run.curve[0]


def test_the_app_s_small_glove_measures_the_same_loss(random_table):
    draw = np.random.default_rng(5)
    word, other = Side.new(30, 4, draw), Side.new(30, 4, draw)
    parts = [p.clone().numpy() for p in (word.vectors, other.vectors, word.bias, other.bias)]
    every = torch.arange(30)
    cells = Cells.of(random_table, 100, 0.75)
    logs, weights = (torch.from_numpy(t.toarray()) for t in (cells.logs, cells.weights))
    loss = descend(word, other, every, every, logs, weights, 0.1)
    small = terms(random_table.toarray(), Glove(*parts, ()), 100, 0.75)
    assert float(loss) == pytest.approx(small.sum(), rel=1e-5)


def test_a_resumed_run_ends_where_an_unbroken_one_does(random_table, tmp_path):
    cells = Cells.of(random_table, 100, 0.75)
    settings = Settings(4, dimensions=5, rows_at_a_time=8)
    unbroken = Run(settings, cells, tmp_path / "a")
    unbroken.to_the_end()
    Run(settings, cells, tmp_path / "b").to_the_end(3)
    resumed = Run(settings, cells, tmp_path / "b")
    assert resumed.epoch == 3
    resumed.to_the_end()
    assert np.array_equal(resumed.vectors, unbroken.vectors)
    assert resumed.curve == unbroken.curve


def test_a_checkpoint_of_other_settings_is_not_gone_on_from(random_table, tmp_path):
    cells = Cells.of(random_table, 100, 0.75)
    Run(Settings(1, dimensions=3), cells, tmp_path).to_the_end()
    with pytest.raises(SystemExit, match="other settings"):
        Run(Settings(1, dimensions=3, seed=2), cells, tmp_path)


def test_what_is_written_is_the_sum_of_both_roles(random_table, tmp_path, monkeypatch):
    cells = Cells.of(random_table, 100, 0.75)
    run = Run(Settings(2, dimensions=6), cells, tmp_path / "work")
    run.to_the_end()
    vocabulary = Vocabulary([f"w{i}" for i in range(30)])
    export(tmp_path, "glove", vocabulary, run.vectors, run.facts())
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    both = (run.word.vectors + run.context.vectors).numpy().astype(np.float16)
    assert np.array_equal(static.load("glove").vectors, both)
    record = json.loads((tmp_path / "glove.json").read_text(encoding="utf-8"))
    assert (record["x_max"], record["alpha"], record["window"]) == (100, 0.75, 10)
    assert record["loss"]["train"] == [round(value, 6) for value in run.curve]
