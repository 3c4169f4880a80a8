"""Our own WordPiece: the toy cases by hand, and equality with the library on any text."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.wordpiece import characters, search
from core.wordpiece.encoder import tokenizer, without_surrogates
from core.wordpiece.normalize import rules, split_words, stages
from core.wordpiece.search import Step, vocabulary_of, words
from tests.golden.wordpiece import EMBEDDED, INPUTS

TOY = {"[UNK]": 1, "a": 5, "b": 6, "ab": 7, "##c": 8, "##d": 9, "##cd": 10}

def _between(low: int, high: int) -> st.SearchStrategy[str]:
    return st.characters(min_codepoint=low, max_codepoint=high)


ALPHABETS = st.one_of(
    st.characters(),  # all of Unicode, lone surrogates included
    _between(0x00, 0x17F),  # control characters, Latin with accents
    _between(0x300, 0x36F),  # combining accents
    _between(0x600, 0x6FF),  # Arabic
    _between(0x900, 0x97F),  # Devanagari
    _between(0x2000, 0x206F),  # spaces, joiners, direction marks
    _between(0x3400, 0x9FFF),  # CJK
    _between(0xAC00, 0xD7A3),  # Hangul, which decomposes
    _between(0x10D00, 0x11C00),  # scripts younger than some Unicode tables
    _between(0x1F300, 0x1FAFF),  # emoji
)
MIXED = st.lists(
    st.one_of(
        ALPHABETS,
        st.sampled_from(["[MASK]", "[UNK]", "[SEP]", "un", "believ", "able", "ing", " ", "-", "x"]),
    ),
    max_size=60,
).map("".join)


def same_as_the_library(folder: Path, text: str) -> None:
    library = tokenizer(folder).encode(without_surrogates(text), add_special_tokens=False)
    ours = words(folder, text)
    assert [piece for word in ours for piece in word.pieces] == library.tokens
    assert [i for word in ours for i in word.ids] == library.ids
    assert [n for n, word in enumerate(ours) for _ in word.pieces] == library.word_ids


@pytest.mark.parametrize("casing", ["uncased", "cased"])
@settings(max_examples=400, deadline=None)
@given(text=MIXED)
def test_any_text_gives_the_pieces_ids_and_words_of_the_library(
    folders: dict[str, Path], casing: str, text: str
) -> None:
    same_as_the_library(folders[casing], text)


@pytest.mark.parametrize("casing", ["uncased", "cased"])
def test_the_golden_inputs_give_the_pieces_of_the_library(
    folders: dict[str, Path], casing: str
) -> None:
    for text in INPUTS:
        same_as_the_library(folders[casing], text)


@pytest.mark.parametrize("casing", ["uncased", "cased"])
def test_every_character_at_the_edge_of_a_class_is_treated_as_in_the_library(
    folders: dict[str, Path], casing: str
) -> None:
    classes = ("removed", "space", "gap", "cjk", "accent", "punctuation", "composed")
    edges = {
        int(code, 16) + off
        for name in classes
        for span in characters._TABLES[name].split()
        for code in span.split("-")
        for off in (-1, 0, 1)
    }
    typed = [chr(code) for code in sorted(edges) if 0 <= code < 0x110000]
    for character in typed:
        same_as_the_library(folders[casing], f"ab{character}e\u0323{character}\u0301c")


def test_the_search_tries_the_longest_first_and_continues_with_hashes() -> None:
    found = search.search("abcd", TOY)
    assert found.steps == (
        Step(0, "abcd", False), Step(0, "abc", False), Step(0, "ab", True), Step(2, "##cd", True),
    )
    assert (found.pieces, found.ids) == (("ab", "##cd"), (7, 10))


def test_one_hopeless_place_makes_the_whole_word_unknown() -> None:
    found = search.search("abe", TOY)
    assert found.steps == (
        Step(0, "abe", False), Step(0, "ab", True), Step(2, "##e", False),
    )
    assert (found.pieces, found.ids, found.unknown) == (("[UNK]",), (1,), True)


def test_a_word_of_more_than_100_characters_is_unknown_without_a_search() -> None:
    letters = {"[UNK]": 1, "a": 5, "##a": 6}
    assert len(search.search("a" * 100, letters).pieces) == 100
    assert search.search("a" * 101, letters).steps == ()
    assert search.search("a" * 101, letters).too_long


def test_a_step_knows_its_letters_even_when_the_word_itself_begins_with_hashes() -> None:
    assert Step(0, "##", False).letters == "##"
    assert Step(3, "##ing", True).letters == "ing"


def test_bert_tokenizer_is_cut_as_the_paper_s_vocabulary_cuts_it() -> None:
    assert [w.pieces for w in words(EMBEDDED, "bert tokenizer")] == [
        ("bert",), ("token", "##izer"),
    ]


def test_special_tokens_stand_for_themselves_and_are_not_searched() -> None:
    mask, unknown = words(EMBEDDED, "[MASK][UNK]")
    assert (mask.ids, mask.steps, mask.special) == ((103,), (), True)
    assert not unknown.unknown


def test_each_stage_shows_the_text_after_one_more_step(folders: dict[str, Path]) -> None:
    text = "Naïve\x07 CAFÉ\t北京[MASK]"
    uncased = stages(text, rules(folders["uncased"]))
    assert [(s.name, s.text) for s in uncased] == [
        ("typed", text),
        ("clean", "Naïve CAFÉ 北京[MASK]"),
        ("cjk", "Naïve CAFÉ  北  京 [MASK]"),
        ("accents", "Naive CAFE  北  京 [MASK]"),
        ("lower", "naive cafe  北  京 [MASK]"),
    ]
    assert [s.name for s in stages(text, rules(folders["cased"]))] == ["typed", "clean", "cjk"]


def test_words_end_at_white_space_and_punctuation_stands_alone() -> None:
    assert split_words("don't  stop.") == ("don", "'", "t", "stop", ".")


def test_the_vocabulary_counts_every_piece_once() -> None:
    entries = vocabulary_of(EMBEDDED)
    assert sorted(entries.values()) == list(range(30_522))
