"""Words are split one way for every static model; a table of vectors answers in cosines."""

import math
import threading

import numpy as np
import pytest

from core.errors import BadInput, ModelUnavailable, WordUnknown
from core.vectors import static
from core.vectors.static import StaticVectors, cosine, load
from core.vectors.words import Vocabulary, is_word, split

WORDS = ("man", "woman", "king", "queen", "river")
ROWS = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [-1, -1, 0]])


@pytest.fixture
def table() -> StaticVectors:
    return StaticVectors("cbow", WORDS, np.array([50, 40, 30, 20, 10]), ROWS.astype(np.float16))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A shipped folder with the table above as cbow."""
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    Vocabulary(WORDS, [50, 40, 30, 20, 10]).save(tmp_path / "words.txt")
    np.save(tmp_path / "cbow.npy", ROWS.astype(np.float16))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The bank's closed.", ["the", "bank", "'s", "closed", "."]),
        ("They don’t wait; we'll go", ["they", "don't", "wait", ";", "we", "'ll", "go"]),
        ("O'Brien's well-known rock'n'roll",
         ["o'brien", "'s", "well-known", "rock'n'roll"]),
        ("3.5% of 1,000 in 1999.", ["3.5", "%", "of", "1,000", "in", "1999", "."]),
        ("The U.S. at 5 p.m.", ["the", "u.s.", "at", "5", "p.m."]),
        ("caf\u00e9 and cafe\u0301", ["caf\u00e9", "and", "caf\u00e9"]),
        ("(x)—\"y\"", ["(", "x", ")", "—", '"', "y", '"']),
        (" \n ", []),
    ],
)
def test_a_text_is_split_into_lower_cased_words_and_marks(text, words):
    assert list(split(text)) == words


def test_a_mark_is_no_word():
    assert all(map(is_word, ("bank", "'s", "1,000")))
    assert not any(map(is_word, (",", "—")))


def test_a_vocabulary_ranks_by_count_and_then_by_alphabet():
    counted = Vocabulary.count([["b", "a", "c"], ["c", "d"], ["b"]], size=3)
    assert counted.words == ("b", "c", "a")  # twice, twice, once; d comes after a
    assert counted.counts.tolist() == [2, 2, 1]
    assert counted.index("c") == 1
    assert counted.index("d") is None


def test_a_missing_word_becomes_unk_where_that_is_listed():
    assert Vocabulary(["a", "b"]).ids(["b", "x", "a"]) == [1, 0]
    listed = Vocabulary.count([["a", "a", "b"]], size=3, first=("<unk>",))
    assert listed.words == ("<unk>", "a", "b")
    assert listed.ids(["b", "x", "a"]) == [2, 0, 1]


def test_a_word_list_is_read_as_it_was_written(tmp_path):
    Vocabulary(["né", "'s", "#"], [3, 2, 1]).save(tmp_path / "words.txt")
    again = Vocabulary.load(tmp_path / "words.txt")
    assert (again.words, again.counts.tolist()) == (("né", "'s", "#"), [3, 2, 1])


def test_a_word_list_with_a_repeated_word_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Vocabulary(["a", "a"])


def test_the_cosine_is_the_textbook_one():
    # (1*2 + 2*1) / (sqrt(1 + 4) * sqrt(4 + 1)) = 4 / 5
    assert cosine(np.array([1, 2]), np.array([2, 1])) == pytest.approx(0.8, abs=1e-15)
    assert cosine(np.array([1, 0]), np.array([-3, 0])) == -1.0
    assert cosine(np.array([0, 0]), np.array([1, 0])) == 0.0


def test_a_vector_and_its_copy_have_a_cosine_of_exactly_one():
    draws = np.random.default_rng(0).normal(size=(200, 100)).astype(np.float32)
    assert all(cosine(v, v.copy()) == 1.0 for v in draws)


def test_a_word_is_found_whatever_its_case(table):
    assert table.find(" King ") == 2
    assert table.vector("KING").tolist() == [1, 0, 1]
    assert table.vector("king").dtype == np.float32


@pytest.mark.parametrize("word", ["castle", "", "king queen", "king's"])
def test_a_word_outside_the_list_is_named_in_the_error(table, word):
    assert table.find(word) is None
    with pytest.raises(WordUnknown) as told:
        table.vector(word)
    assert isinstance(told.value, BadInput)
    assert told.value.facts == {"word": word, "model": "word2vec (CBOW)"}


def test_the_nearest_words_come_with_their_cosines(table):
    # king (1,0,1) with man (1,0,0): 1/sqrt(2); with queen (0,1,1): 1/2; with woman: 0
    near = table.nearest(table.vector("king"), 3, skip=("King",))
    assert [word for word, _ in near] == ["man", "queen", "woman"]
    assert [c for _, c in near] == pytest.approx([1 / math.sqrt(2), 0.5, 0], abs=1e-12)


def test_more_neighbours_than_words_gives_all_words(table):
    assert len(table.nearest(table.vector("king"), 99)) == len(WORDS)


def test_an_analogy_is_solved_with_unit_vectors(table):
    # unit(woman) - unit(man) + unit(king) = (-1 + h, 1, h) with h = 1/sqrt(2);
    # with queen (0,1,1): (1 + h) / (sqrt(2) * sqrt((h - 1)^2 + 1 + h^2))
    h = 1 / math.sqrt(2)
    expected = (1 + h) / (math.sqrt(2) * math.sqrt((h - 1) ** 2 + 1 + h * h))
    word, found = table.analogy("man", "woman", "king", 1)[0]
    assert word == "queen"
    assert found == pytest.approx(expected, abs=1e-6)


def test_an_analogy_never_answers_with_its_own_words(table):
    answers = {word for word, _ in table.analogy("man", "woman", "king", 9)}
    assert answers == {"queen", "river"}


def test_a_table_is_mapped_into_memory_and_loaded_once(folder):
    found: list[StaticVectors] = []
    threads = [threading.Thread(target=lambda: found.append(load("cbow"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    assert isinstance(found[0].vectors, np.memmap)
    assert found[0].words == WORDS
    assert found[0].counts.tolist() == [50, 40, 30, 20, 10]


def test_a_missing_table_is_said_by_its_name(folder):
    with pytest.raises(ModelUnavailable) as told:
        load("glove")
    assert told.value.facts["why"] == "missing" and told.value.facts["file"] == "glove.npy"


def test_files_that_do_not_belong_together_are_refused(folder):
    np.save(folder / "skipgram.npy", ROWS[:3].astype(np.float16))
    with pytest.raises(ModelUnavailable, match="do not belong together"):
        load("skipgram")


def test_a_damaged_table_is_told_in_one_sentence(folder):
    (folder / "glove.npy").write_bytes(b"not an array")
    with pytest.raises(ModelUnavailable, match="damaged"):
        load("glove")
