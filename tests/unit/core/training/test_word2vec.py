"""Windows are drawn as word2vec draws them, the loss is equation 4, and a run can be resumed."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from core.training import word_corpus
from core.training.negative_sampling import Windows, draw_windows, keep_probability, loss
from core.training.static_export import corpus_facts, export
from core.training.word2vec import Run, Settings
from core.training.word_corpus import WordCorpus, load_words, read_corpus, save_list
from core.vectors import static
from core.vectors.words import Vocabulary

TEXT = "\n\n".join(
    f"The cat {n} sat. The dog ran away.\nA cat and a dog, {n} in all!" for n in range(400)
)


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(word_corpus, "CORPUS", "some.txt")
    (tmp_path / "some.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def text(data) -> tuple[Vocabulary, WordCorpus, WordCorpus]:
    return load_words(data, data / "words", size=12)


def small(method: str, epochs: int = 1, parts: int = 2) -> Settings:
    """Eight dimensions, one thread, and a threshold that leaves some of twelve words."""
    return Settings(method, epochs, dimensions=8, sample=0.1, parts=parts, threads=1)


def flat(sentences: list[list[int]]) -> WordCorpus:
    start = np.cumsum([0, *map(len, sentences)])
    return WordCorpus(np.concatenate(sentences).astype(np.uint16), start, int(start[-1]))


def test_sentences_keep_listed_words_alone_and_the_list_is_of_training_text(data):
    vocabulary, train, held_out = read_corpus(data / "some.txt", size=5)
    # In each article: the, cat, dog, a and . twice; every other word and mark once at most
    assert vocabulary.words == (".", "a", "cat", "dog", "the")
    articles = vocabulary.counts[0] // 2
    assert vocabulary.counts.tolist() == [2 * articles] * 5
    assert len(train) + len(held_out) == 3 * 400
    assert [vocabulary.words[i] for i in train.sentence(0)] == ["the", "cat", "."]
    assert [vocabulary.words[i] for i in train.sentence(2)] == ["a", "cat", "a", "dog"]
    assert train.sentence_of()[:8].tolist() == [0, 0, 0, 1, 1, 1, 2, 2]
    assert train.read == articles * (5 + 5 + 10)  # words and marks of its three sentences


def test_a_sentence_without_a_listed_word_is_gone(tmp_path):
    (tmp_path / "t.txt").write_text("A a a. Xylophone! A a a.", encoding="utf-8")
    _, train, held_out = read_corpus(tmp_path / "t.txt", size=1)
    assert [len(side.ids) for side in (train, held_out) if len(side)] == [6]
    assert len(train) + len(held_out) == 2


def test_the_text_is_read_once_and_then_from_its_cache(data, text):
    (data / "some.txt").unlink()
    again = load_words(data, data / "words", size=12)
    assert again[0].words == text[0].words
    assert np.array_equal(again[1].ids, text[1].ids)


def test_another_word_list_is_never_written_over(tmp_path):
    save_list(Vocabulary(["a", "b"]), tmp_path)
    save_list(Vocabulary(["a", "b"], [2, 1]), tmp_path)
    with pytest.raises(ValueError, match="other words"):
        save_list(Vocabulary(["b", "a"]), tmp_path)


def test_frequent_words_are_thinned_by_the_program_s_formula():
    # A share of 0.96 at t = 0.01: (sqrt(96) + 1) / 96; a share of 0.04: (sqrt(4) + 1) / 4
    kept = keep_probability(np.array([96, 4]), 0.01)
    assert kept == pytest.approx([(math.sqrt(96) + 1) / 96, 0.75], abs=1e-12)
    assert keep_probability(np.array([1, 999]), 0.01)[0] == 1.0


def test_a_window_never_leaves_its_sentence_nor_holds_its_own_place():
    corpus = flat([[0, 1, 2], [3, 4], [5]])
    windows = draw_windows(
        corpus, np.ones(6), 100, window=2, negatives=3, sample=1e9, seed=0
    )
    near = {0: {1, 2}, 1: {0, 2}, 2: {0, 1}, 3: {4}, 4: {3}}  # 5 stands alone: no window
    assert sorted(windows.centre.tolist()) == [0, 1, 2, 3, 4]
    for centre, context, negative in zip(*vars(windows).values(), strict=True):
        words = context[context >= 0]
        assert len(words) and set(words.tolist()) <= near[int(centre)]
        assert (context[len(words) :] == -1).all()
        assert centre not in negative


def test_skip_gram_reads_one_word_of_each_window():
    corpus = flat([[0, 1, 2, 3]] * 50)
    windows = draw_windows(corpus, np.ones(4), 60, window=3, negatives=2, sample=1e9, seed=1)
    pairs = windows.pairs()
    assert pairs.context.shape == (60, 1)
    distances = np.abs(pairs.context[:, 0] - pairs.centre)
    assert set(distances.tolist()) == {1, 2, 3}


def test_the_loss_is_that_of_negative_sampling():
    # h = mean of (2, 0) and (0, 2) = (1, 1); u_c = (1, 0): s(1); u_n = (0, -1): s(-(-1)) = s(1)
    inputs = np.array([[2.0, 0.0], [0.0, 2.0], [9.0, 9.0]])
    outputs = np.array([[0.0, -1.0], [5.0, 5.0], [1.0, 0.0]])
    windows = Windows(np.array([2]), np.array([[0, 1, -1, -1]]), np.array([[0]]))
    assert loss(windows, inputs, outputs) == pytest.approx(-2 * math.log(1 / (1 + math.exp(-1))))


@pytest.mark.parametrize("method", ["cbow", "skipgram"])
def test_before_the_first_step_every_choice_is_a_coin_toss(text, method, tmp_path):
    run = Run(small(method), *text, tmp_path)
    # output vectors start at zero: log 2 for the right word and for each of the 5 negatives
    assert run.curve[0][1:] == pytest.approx((6 * math.log(2),) * 2)


@pytest.mark.parametrize("method", ["cbow", "skipgram"])
def test_a_resumed_run_ends_where_an_unbroken_one_does(text, method, tmp_path):
    settings = small(method, epochs=2)
    unbroken = Run(settings, *text, tmp_path / "a")
    unbroken.to_the_end()
    Run(settings, *text, tmp_path / "b").to_the_end(3)
    resumed = Run(settings, *text, tmp_path / "b")
    assert resumed.step == 3
    resumed.to_the_end()
    assert np.array_equal(resumed.model.wv.vectors, unbroken.model.wv.vectors)
    assert resumed.curve == unbroken.curve
    assert [point[0] for point in resumed.curve][-1] == 2 * len(text[1].ids)
    assert resumed.curve[-1][1] < resumed.curve[0][1]


def test_a_checkpoint_of_other_settings_is_not_gone_on_from(text, tmp_path):
    Run(small("cbow", parts=1), *text, tmp_path).to_the_end()
    with pytest.raises(SystemExit, match="other settings"):
        Run(small("cbow", epochs=2, parts=1), *text, tmp_path)


def test_what_is_written_is_what_the_app_loads(text, tmp_path, monkeypatch):
    vocabulary, train, held_out = text
    run = Run(small("cbow"), *text, tmp_path / "work")
    run.to_the_end()
    facts = corpus_facts(train, held_out) | run.facts()
    export(tmp_path, "cbow", vocabulary, run.model.wv.vectors, facts)
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    table = static.load("cbow")
    assert table.words == vocabulary.words
    assert np.array_equal(table.vectors, run.model.wv.vectors.astype(np.float16))
    record = json.loads((tmp_path / "cbow.json").read_text(encoding="utf-8"))
    assert len(record["loss"]["words"]) == len(record["loss"]["held_out"]) == 3
    assert (record["words"], record["dimensions"]) == (12, 8)


def test_a_value_beyond_half_precision_is_refused(tmp_path):
    with pytest.raises(ValueError, match="float16"):
        export(tmp_path, "glove", Vocabulary(["a"]), np.array([[1e6]]), {})
