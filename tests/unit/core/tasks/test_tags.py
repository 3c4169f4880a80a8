"""Words, the piece that speaks for each, and names from BIO tags."""

import pytest

from core.contract import TaggedWord
from core.engine.stub import FOLDER
from core.tasks.tags import entities, stretches
from core.tasks.words import first_pieces, words
from core.wordpiece.encoder import encode


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Iguazu is in Brazil?", ["Iguazu", "is", "in", "Brazil", "?"]),
        ("I don't know, it's hers.", ["I", "do", "n't", "know", ",", "it", "'s", "hers", "."]),
        ("They've paid $3.50 at 10:30!", ["They", "'ve", "paid", "$", "3.50", "at", "10:30", "!"]),
        ("Mail bert@example.org or see http://a.b/c?d", [
            "Mail", "bert@example.org", "or", "see", "http://a.b/c?d"]),
        ("the U.S. Army", ["the", "U.S.", "Army"]),
        ("", []),
    ],
)
def test_words_are_cut_as_universal_dependencies_cuts_them(text, expected):
    assert cut(text) == expected


def test_the_first_piece_of_a_word_speaks_for_it():
    text = "Embeddings quack"
    encoded = encode(FOLDER, text)
    assert encoded.tokens[1:-1] == ("em", "##bed", "##ding", "##s", "qu", "##ack")
    assert first_pieces(encoded, words(text)) == (1, 5)


def test_a_clitic_is_read_where_it_begins_and_a_merged_word_where_it_is_covered():
    text = "I cannot, you don't"
    encoded = encode(FOLDER, text)
    spans = ((0, 1), (2, 5), (5, 8), (8, 9), (10, 13), (14, 16), (16, 19))  # can|not, do|n't
    found = [encoded.tokens[i] for i in first_pieces(encoded, spans)]
    assert found == ["i", "cannot", "cannot", ",", "you", "don", "'"]


def test_a_word_that_was_cut_off_or_has_no_piece_has_none():
    text = "one two \u200b three"
    encoded = encode(FOLDER, text, None, 4)  # [CLS] one two [SEP]
    found = first_pieces(encoded, ((0, 3), (4, 7), (8, 9), (10, 15)))
    assert found == (1, 2, None, None)


@pytest.mark.parametrize(
    "tags, expected",
    [
        ("O O O", []),
        ("B-PER I-PER O", [(0, 2, "PER")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("I-LOC I-LOC O I-LOC", [(0, 2, "LOC"), (3, 4, "LOC")]),  # nothing to continue: begins
        ("B-PER I-ORG", [(0, 1, "PER"), (1, 2, "ORG")]),
        ("B-ORG I-ORG I-ORG", [(0, 3, "ORG")]),
        ("", []),
    ],
)
def test_names_are_read_from_bio_as_the_conll_scorer_reads_them(tags, expected):
    assert stretches(tags.split()) == expected


def test_an_entity_is_the_text_between_its_first_and_last_word():
    text = "In New York City"
    words_ = [
        TaggedWord(text[s:e], s, e, 1, tag, p, ())
        for (s, e), tag, p in zip(words(text), ("O", "B-LOC", "I-LOC", "I-LOC"),
                                  (0.9, 0.8, 0.7, 0.95), strict=True)
    ]
    (found,) = entities(words_, text)
    assert (found.text, found.label, found.start, found.probability) == (
        "New York City", "LOC", 3, 0.7
    )
