"""The small word2vec and GloVe: windows, one update, training, counts, weights."""

import time

import numpy as np
import pytest

from core.errors import EmptyText, NoNeighbours
from core.vectors import cooccurrence, live
from core.vectors.live import Settings, Training
from core.vectors.windows import (
    MAX_VOCABULARY,
    MAX_WORDS,
    Example,
    examples,
    examples_at,
    read,
    sentences,
)

TEXT = "The cat drinks milk. The dog drinks water. The cat sleeps."
EVERY = [(kind, output) for kind in ("cbow", "skipgram") for output in ("negative", "softmax")]


def test_a_text_becomes_sentences_without_punctuation():
    assert sentences("The cat, it sleeps! \n A dog") == [["the", "cat", "it", "sleeps"],
                                                        ["a", "dog"]]


def test_every_chinese_character_is_a_word():
    assert sentences("小猫喝牛奶。猫看TV。") == [list("小猫喝牛奶"), ["猫", "看", "tv"]]


def test_the_vocabulary_is_ordered_by_frequency_then_by_first_appearance():
    corpus = read("b a b c a b")
    assert corpus.words == ("b", "a", "c") and corpus.counts == (3, 2, 1)
    assert corpus.sentences == ((0, 1, 0, 2, 1, 0),) and corpus.running == 6


@pytest.mark.parametrize("text", ["one", "...", "🤖🤖", "same same same", "one. two. three."])
def test_a_text_without_neighbours_is_refused(text):
    with pytest.raises(NoNeighbours):
        read(text)


def test_an_empty_text_is_refused():
    with pytest.raises(EmptyText):
        read("  ")


def test_a_long_text_is_cut_and_says_by_how_much():
    corpus = read("a b " * (MAX_WORDS // 2 + 100))
    assert corpus.running == MAX_WORDS and corpus.cut == 200


def test_the_vocabulary_is_bounded_and_rare_words_are_counted_as_left_out():
    corpus = read(" ".join(f"w{n}" for n in range(MAX_VOCABULARY + 40)))
    assert len(corpus.words) == MAX_VOCABULARY and corpus.cut == 40


def test_the_windows_of_a_sentence_counted_by_hand():
    corpus = read("a b c d")  # word numbers 0 1 2 3
    assert examples_at(corpus, 0, 1, 2, "cbow") == (Example((0, 2, 3), 1, 0, 1),)
    assert [e.target for e in examples_at(corpus, 0, 1, 2, "skipgram")] == [0, 2, 3]
    assert all(e.inputs == (1,) for e in examples_at(corpus, 0, 1, 2, "skipgram"))
    # window 1: two ends with one neighbour, two places with two
    assert len(examples(corpus, 1, "skipgram")) == 1 + 2 + 2 + 1
    assert len(examples(corpus, 1, "cbow")) == 4


def test_no_window_reaches_over_the_end_of_a_sentence():
    corpus = read("a b. c d.")
    pairs = {(e.inputs[0], e.target) for e in examples(corpus, 5, "skipgram")}
    assert pairs == {(0, 1), (1, 0), (2, 3), (3, 2)}


def started(kind, output, **other):
    settings = Settings(kind, output, size=3, window=2, negatives=4, seed=5, **other)
    return Training(read(TEXT), settings)


@pytest.mark.parametrize(("kind", "output"), EVERY)
def test_every_gradient_equals_the_finite_difference_of_the_loss(kind, output):
    training = started(kind, output)
    for _ in range(30):
        training.one_step()
    weights = training.weights.copy()
    step = training.preview()
    whole = {"inputs": np.zeros_like(weights.inputs), "outputs": np.zeros_like(weights.outputs)}
    np.add.at(whole["inputs"], list(step.inputs), step.to_input)
    np.add.at(whole["outputs"], step.rows, step.to_output)
    for name, gradient in whole.items():
        matrix = getattr(weights, name)
        for at in np.ndindex(matrix.shape):
            kept = matrix[at]
            up, down = (
                _loss_with(weights, matrix, at, kept + d, step, output) for d in (1e-6, -1e-6)
            )
            matrix[at] = kept
            assert gradient[at] == pytest.approx((up - down) / 2e-6, abs=1e-7)


def _loss_with(weights, matrix, at, value, step, output):
    matrix[at] = value
    return live.loss_of(weights, np.array(step.inputs), step.rows, step.labels, output)


@pytest.mark.parametrize(("kind", "output"), EVERY)
def test_an_update_is_one_step_down_the_gradient(kind, output):
    training = started(kind, output, rate=0.3)
    before = training.weights.copy()
    step = training.one_step()
    np.add.at(before.inputs, list(step.inputs), -0.3 * step.to_input)
    np.add.at(before.outputs, step.rows, -0.3 * step.to_output)
    np.testing.assert_allclose(training.weights.inputs, before.inputs, rtol=1e-12)
    np.testing.assert_allclose(training.weights.outputs, before.outputs, rtol=1e-12)
    assert step.after < step.loss
    assert step.after == pytest.approx(
        live.loss_of(before, np.array(step.inputs), step.rows, step.labels, output)
    )


def test_one_update_with_negatives_on_numbers_that_can_be_checked_on_paper():
    weights = live.Weights(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 3.0], [0.0, 5.0]]))
    step = live.look(weights, Example((0,), 1, 0, 0), np.array([1, 0]),
                     Settings(size=2, negatives=1, rate=1.0))
    # h = (1, 0), both scores 0, so sigma = 1/2, errors -1/2 and +1/2, loss 2 log 2
    np.testing.assert_array_equal(step.scores, [0, 0])
    np.testing.assert_array_equal(step.errors, [-0.5, 0.5])
    assert step.loss == pytest.approx(2 * np.log(2))
    np.testing.assert_array_equal(step.to_output, [[-0.5, 0], [0.5, 0]])
    np.testing.assert_array_equal(step.to_hidden, [0, -0.5 * 5 + 0.5 * 3])


def test_the_softmax_of_equal_scores_is_one_over_v():
    y, terms = live.predict(np.zeros(4), np.array([0.0, 1, 0, 0]), "softmax")
    np.testing.assert_allclose(y, 0.25)
    assert terms.sum() == pytest.approx(np.log(4))


def test_noise_follows_counts_to_three_quarters_and_never_hits_the_target():
    counts = (16, 1, 81)
    np.testing.assert_allclose(live.noise(counts), np.array([8, 1, 27]) / 36)
    targets = np.zeros(30_000, int)
    drawn = live.draw_negatives(targets, counts, 1, np.random.default_rng(0))
    assert not (drawn == 0).any()
    assert (drawn == 2).mean() == pytest.approx(27 / 28, abs=0.005)


@pytest.mark.parametrize(("kind", "output"), EVERY)
def test_training_lowers_the_loss_and_the_same_seed_goes_the_same_way(kind, output):
    first, second = started(kind, output), started(kind, output)
    first.run(20, 60)
    for _ in range(7):
        second.one_step()
    while not second.run(20, 0.0):  # in many short parts
        pass
    np.testing.assert_array_equal(first.weights.inputs, second.weights.inputs)
    assert first.losses == second.losses
    assert first.losses[-1] < first.losses[0]


def test_a_training_in_parts_keeps_to_its_time():
    training = Training(read("a b c d e f " * 300), Settings(window=5))
    began = time.thread_time()
    assert training.run(10_000, 0.05) is False
    assert time.thread_time() - began < 0.1


def test_snapshots_stay_few_however_long_the_training():
    training = started("skipgram", "negative")
    training.run(300, 60)
    epochs = [epoch for epoch, _ in training.moments()]
    assert len(epochs) <= live.MAX_SNAPSHOTS + 1
    assert epochs[0] == 0 and epochs[-1] == 300 and epochs == sorted(set(epochs))


def test_counts_weigh_a_pair_by_its_distance():
    x = cooccurrence.counts(read("a b c"), 2)
    np.testing.assert_array_equal(x, [[0, 1, 0.5], [1, 0, 1], [0.5, 1, 0]])
    flat = cooccurrence.counts(read("a b c"), 2, by_distance=False)
    np.testing.assert_array_equal(flat, [[0, 1, 1], [1, 0, 1], [1, 1, 0]])


def test_a_word_beside_itself_counts_from_both_sides():
    x = cooccurrence.counts(read("a a b"), 1)
    assert x[0, 0] == 2 and x[0, 1] == x[1, 0] == 1


def test_the_weighting_function_is_equation_nine():
    values = cooccurrence.weight(np.array([0, 1, 16, 100, 5000.0]), x_max=100)
    np.testing.assert_allclose(values, [0, 100**-0.75, 0.16**0.75, 1, 1])


def test_rows_of_probabilities_add_up_to_one():
    shares = cooccurrence.probabilities(cooccurrence.counts(read(TEXT), 3))
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_glove_fits_the_logarithms_of_the_counts():
    x = cooccurrence.counts(read(TEXT), 3)
    fitted = cooccurrence.fit(x, 6, x_max=10)
    assert fitted.losses[-1] < 0.1 * fitted.losses[0]
    terms = cooccurrence.terms(x, fitted, 10)
    assert terms.sum() == pytest.approx(fitted.losses[-1])
    assert not terms[x == 0].any()


def test_an_empty_cell_asks_nothing_of_glove():
    x = np.array([[0.0, 0.0], [0.0, 0.0]])
    assert cooccurrence.fit(x, 2, iterations=3).losses == (0.0,) * 4
