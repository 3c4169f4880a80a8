"""The measures' arithmetic on numbers small enough to check by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.errors import WordUnknown
from core.training import measure_scores, measures
from core.training.measure_scores import answer_analogies, best_threshold, decide, spearman
from core.training.measure_vectors import _pieces, _places
from core.vectors.senses import WordPair
from core.vectors.static import StaticVectors


def test_ties_share_the_mean_of_their_ranks():
    """Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5)."""
    assert spearman([1, 5, 5, 9], [10, 20, 30, 40]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, 60), rng.integers(0, 5, 60)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert spearman([1, 2, 3], [9, 4, 1]) == pytest.approx(-1)


def test_a_threshold_lies_between_the_two_kinds_when_they_part():
    cosines = np.array([0.9, 0.7, 0.4, 0.1])
    same = np.array([True, True, False, False])
    assert best_threshold(cosines, same) == pytest.approx(0.55)


def test_a_threshold_gives_way_to_the_fewest_errors():
    """Two cuts err once: at 0.825 the pair at 0.7 is wrong, at 0.65 the one at 0.8."""
    cosines = np.array([0.9, 0.85, 0.8, 0.7, 0.6])
    same = np.array([True, True, False, True, False])
    assert best_threshold(cosines, same) in (pytest.approx(0.825), pytest.approx(0.65))
    right = [((cosines >= t) == same).sum() for t in (-1, 0.65, 0.75, 0.825, 0.875, 2)]
    assert max(right) == ((cosines >= best_threshold(cosines, same)) == same).sum() == 4


def test_equal_cosines_decide_nothing():
    """A static vector: 1.0 everywhere, half of the pairs the same, so half are right."""
    words = [w for w in "abcd" for _ in range(4)]
    same = np.array([True, True, False, False] * 4)
    found = decide(np.ones(16), same, words, {"a", "b"})
    assert (found.accuracy, found.low, found.high) == (0.5, 0.5, 0.5)


def test_the_threshold_of_one_half_is_used_on_the_other():
    """Half one parts at 0.5, half two at 0.8; each cut errs once in two on the other half."""
    words = ["a", "a", "b", "b"]
    same = np.array([True, False, True, False])
    cosines = np.array([0.6, 0.4, 0.9, 0.7])
    found = decide(cosines, same, words, {"a"})
    assert found.thresholds == (pytest.approx(0.5), pytest.approx(0.8))
    assert found.accuracy == 0.5  # 0.7 is above 0.5, 0.6 is below 0.8


def test_pairs_that_part_are_all_right_and_the_interval_is_about_words(monkeypatch):
    monkeypatch.setattr(measure_scores, "RESAMPLES", 50)
    words = [w for w in "abcdefgh" for _ in range(2)]
    same = np.array([True, False] * 8)
    clean = decide(np.where(same, 0.9, 0.1), same, words, set("abcd"))
    assert (clean.accuracy, clean.low, clean.high) == (1, 1, 1)
    noisy = np.where(same, 0.9, 0.1)
    noisy[[0, 1]] = noisy[[1, 0]]  # the word a says the opposite
    found = decide(noisy, same, words, set("abcd"))
    assert found.accuracy == 14 / 16
    assert found.low < found.accuracy <= found.high == 1


def unit_table() -> np.ndarray:
    """king - man + woman = queen in a plane of royalty and gender, and a bystander."""
    rows = np.array([[0, 1], [0, -1], [2, 1], [2, -1], [-1, 0.1]], np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_an_analogy_never_answers_with_a_word_of_the_question():
    unit = unit_table()
    right = answer_analogies(unit, np.array([[0, 2, 1, 3], [0, 2, 1, 4]]))
    assert right.tolist() == [True, False]
    # without leaving the question's words out, b itself would win here
    assert answer_analogies(unit, np.array([[4, 4, 2, 2]])).tolist() == [False]
    assert answer_analogies(unit, np.empty((0, 4), int)).tolist() == []


def test_analogies_count_only_questions_with_four_known_words():
    words = ("man", "woman", "king", "queen", "stone")
    table = StaticVectors("cbow", words, np.ones(5, np.int64), unit_table().astype(np.float16))
    sections = {"family": [("man", "king", "woman", "Queen"), ("man", "king", "aunt", "uncle")]}
    (found,) = measures.analogies(table, sections)
    assert (found.correct, found.covered, found.total) == (1, 1, 2)


def test_similarity_leaves_out_unknown_words_and_says_so():
    vectors = {"a": [1, 0], "b": [1, 0.1], "c": [1, 1], "d": [-1, 1]}

    def known(word: str, text: str) -> np.ndarray:
        assert text == f"<{word}>"
        if word not in vectors:
            raise WordUnknown(word, "toy")
        return np.array([vectors[word], [1, ord(word)]], np.float32)  # two layers

    rated = [("a", "b", 9.0), ("a", "c", 5.0), ("a", "d", 1.0), ("a", "z", 3.0)]
    first, second = measures.similarity(rated, known, "<{}>")
    assert first["rho"] == pytest.approx(1) and second["rho"] == pytest.approx(1)
    assert (first["pairs"], first["of"]) == (3, 4)


def test_in_context_reports_each_layer():
    chosen = [
        WordPair(word, f"{word} one", f"{word} {other}", other == "too")
        for word in "abcd" for other in ("too", "two")
    ]

    def vectors(word: str, text: str) -> np.ndarray:
        seen = [1, 0] if text.endswith(("one", "too")) else [0, 1]
        return np.array([[1, 1], seen], np.float32)

    blind, seeing = measures.in_context(chosen, vectors, "toy")
    assert blind["accuracy"] == 0.5 and seeing["accuracy"] == 1
    assert (seeing["mean_cosine_same"], seeing["mean_cosine_different"]) == (1, 0)
    assert (seeing["pairs"], seeing["words"]) == (8, 4)


def test_files_are_read_without_comments_and_by_section(tmp_path):
    rated = tmp_path / "rated.tsv"
    rated.write_text("# two words\nlove\tsex\t6.77\n\nold\tnew\t1.58\n")
    assert measures.read_rated(rated) == [("love", "sex", 6.77), ("old", "new", 1.58)]
    asked = tmp_path / "asked.txt"
    asked.write_text(": one\na b c d\n: two words\ne f g h\n")
    assert measures.read_analogies(asked) == {
        "one": [("a", "b", "c", "d")], "two words": [("e", "f", "g", "h")]
    }


def test_a_word_is_found_as_a_whole_word_by_tokens_and_by_pieces():
    assert _places(("a", "cat", "sat"), ("cat",)) == [1]
    spans = [(0, 0), (0, 4), (5, 8), (8, 9), (0, 0)]  # [CLS] cats cat . [SEP]
    assert _pieces(spans, "cat", "cats cat.") == [2]
    for missing in (lambda: _places(("a",), ("b",)), lambda: _pieces(spans, "dog", "cats")):
        with pytest.raises(ValueError, match="is not in the sentence"):
            missing()


def test_tables_name_every_model_and_layer():
    found = {
        "similarity": [{"model": "elmo", "layer": 0,
                        **{k: {"rho": 0.5, "pairs": 3, "of": 4} for k in measures.SIMILARITY}}],
        "analogies": [{"model": "cbow", "correct": 1, "covered": 2, "total": 4, "sections": []}],
        "word_in_context": [{"model": "bert", "layer": 6, "accuracy": 0.75, "low": 0.7,
                             "high": 0.8, "mean_cosine_same": 0.9, "mean_cosine_different": 0.4,
                             "pairs": 360, "words": 60}],
    }
    text = measures.tables(found)
    assert "elmo layer 0" in text and "0.500 (3/4)" in text
    assert "50.0%  1/2/4" in text
    assert "bert layer 6   75.0%  [70.0%, 80.0%]" in text
    assert measures.rounded({"a": [0.123456, None, 3]}) == {"a": [0.1235, None, 3]}
