"""The commands behind assets/heads, on a few sentences with a random BERT."""

import itertools

import numpy as np
import pytest

from core.contract import TraceRequest
from core.engine.stub import StubEngine
from core.heads.conllu import Sentence, Word
from core.heads.roles import ROLES
from core.training.corpus import is_held_out
from core.training.head_hunt import kept_relations, score
from core.training.head_roles import measure, pair_of, windows

LONG = "The river was wide and slow. " * 12


@pytest.fixture(scope="module")
def engine():
    return StubEngine()


def tree():
    """she reads books"""
    return Sentence("she reads books", (
        Word("she", (0, 3), 1, "nsubj"), Word("reads", (4, 9), None, "root"),
        Word("books", (10, 15), 1, "obj"),
    ))


def test_a_window_is_whole_sentences_on_both_sides_within_its_limit(engine):
    text, text_b = pair_of(LONG.strip(), engine)
    encoded = engine.tokenize("embedded", text, text_b)
    assert len(encoded) <= 128 and not encoded.dropped
    assert text.endswith(".") and text_b.endswith(".")
    assert encoded.segments.count(0) - 2 <= 62 and encoded.segments.count(1) - 1 <= 62


def test_short_articles_make_no_window(engine):
    assert pair_of("A short one. Too short.", engine) is None


def test_windows_come_from_held_out_articles_alone(engine, tmp_path):
    numbered = (f"Article {n}. {LONG}".strip() for n in itertools.count())
    held = list(itertools.islice((a for a in numbered if is_held_out(a)), 3))
    others = [a for a in (f"Paper {n}. {LONG}".strip() for n in range(50)) if not is_held_out(a)]
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(others[:20] + held) + "\n", encoding="utf-8")
    found = list(windows(path, engine, 2, seed=0))
    assert len(found) == 2 and all(text.startswith("Article") for text, _ in found)
    total, count, pieces = measure(engine, iter(found))
    assert count == 2 and pieces > 100
    assert total.measures().shape == (len(ROLES), 2, 2)


def test_relations_must_be_frequent_in_every_set():
    many, few = [tree()] * 3, [tree()] * 2
    assert kept_relations([many, few], least=2) == ["nsubj", "obj"]
    assert kept_relations([many, few], least=3) == []


def test_a_score_is_what_the_weights_say(engine):
    tally = score(engine, [tree()], ["nsubj", "obj"])
    assert tally.arcs.tolist() == [1, 1]
    trace = engine.trace(TraceRequest("she reads books", keep=frozenset({"weights"})))
    assert len(trace.encoded) == 5  # one piece a word
    for layer, head in itertools.product(range(2), range(2)):
        weights = trace.layer(layer).weights[0, head]
        she = weights[1, [2, 3]]  # what "she" gives to reads and to books
        assert tally.heads[0, 0, layer, head] == (she[0] > she[1])
        books = weights[[1, 2], 3]  # what "books" gets from she and from reads
        assert tally.heads[1, 1, layer, head] == (books[1] > books[0])
    assert np.all(tally.heads <= 1)
