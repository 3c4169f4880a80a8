"""The WordPiece lesson: what it counts, what it draws, and that it equals the library."""

import json
import subprocess
import sys

import pytest

from core.engine import local_engine
from core.errors import EmptyText, TextTooLong
from core.wordpiece.search import UNKNOWN
from lessons.text import presets
from lessons.theme import LIGHT
from lessons.wordpiece import figures
from lessons.wordpiece.lesson import (
    Request,
    default_request,
    hardest_word,
    run,
    taken_before,
    to_json,
    whole_word_row,
)

ANY_TEXT = (
    "naïve café [MASK] 北京 ꙮ", "🚀👩‍👩‍👧 مرحبا", "<script>alert(1)</script>", "[MASK]",
    "\x00", "\ud800",
    "word " * 600, "a" * 300, "x" * 20_000,
)


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.mark.parametrize("text", ANY_TEXT, ids=range(len(ANY_TEXT)))
def test_our_search_differs_from_the_library_nowhere(engine, text):
    proof = run(engine, Request(text)).proof
    assert [check.difference for check in proof.checks] == [0, 0, 0]


def test_every_preset_is_answered_without_a_difference(engine):
    for preset in presets("wordpiece"):
        assert run(engine, default_request(preset, "embedded")).proof.difference == 0


def test_the_kinds_of_entries_add_up_to_the_whole_vocabulary(engine):
    counts = run(engine, Request("a")).vocabulary
    kinds = (counts.words, counts.characters, counts.continued, counts.unused, counts.special)
    assert sum(kinds) == counts.size == 30_522
    # the published bert-base-uncased vocabulary: [unused0] to [unused993], five special tokens
    assert (counts.unused, counts.special) == (994, 5)


def test_a_word_list_loses_exactly_the_words_that_are_no_entry_of_their_own(engine):
    result = run(engine, Request("bert tokenizer cuts ꙮ [MASK]"))
    assert whole_word_row(result) == ("bert", UNKNOWN, "cuts", UNKNOWN, "[MASK]")
    assert (result.searched, result.lost, result.unknown) == (4, 2, 1)


def test_the_word_shown_first_has_the_most_pieces(engine):
    result = run(engine, Request("the bert tokenizer"))
    assert hardest_word(result, 120) == 2
    assert hardest_word(result, 2) == 0


def test_pieces_taken_are_counted_as_the_attempts_go_on(engine):
    word = run(engine, Request("tokenizer")).words[0]
    assert [taken_before(word, n) for n in range(1, 7)] == [0, 0, 0, 0, 1, 2]


def test_the_json_has_tokens_ids_and_words_with_their_steps(engine):
    shown = json.loads(json.dumps(to_json(run(engine, Request("bert tokenizer")))))
    assert shown["tokens"] == ["[CLS]", "bert", "token", "##izer", "[SEP]"]
    assert len(shown["ids"]) == 5
    assert shown["words"][1]["pieces"] == ["token", "##izer"]
    assert [s["candidate"] for s in shown["words"][1]["steps"]] == [
        "tokenizer", "tokenize", "tokeniz", "tokeni", "token", "##izer",
    ]
    assert [s["hit"] for s in shown["words"][1]["steps"]] == [False] * 4 + [True] * 2


def test_the_staircase_has_a_row_for_each_attempt_and_a_window_over_the_letters(engine):
    word = run(engine, Request("tokenizer")).words[0]
    rows = figures.staircase(word, 6, LIGHT).data[0]
    assert list(rows.y) == [1, 2, 3, 4, 5, 6]
    widths = [sum(cell is not None for cell in row) for row in rows.z]
    assert widths == [9, 8, 7, 6, 5, 4]  # tokenizer ... token, then ##izer
    assert list(rows.text[5]) == ["", "", "", "#", "#", "i", "z", "e", "r"]


def test_a_long_search_shows_the_last_attempts(engine):
    word = run(engine, Request("electroencephalography")).words[0]
    last = len(word.steps)
    assert list(figures.staircase(word, last, LIGHT).data[0].y)[-1] == last
    assert len(figures.staircase(word, last, LIGHT).data[0].y) == figures.ROWS


def test_typed_markup_is_no_markup_in_a_figure(engine):
    word = run(engine, Request("<")).words[0]
    assert figures.staircase(word, 1, LIGHT).data[0].text[0][0] == "&lt;"


@pytest.mark.parametrize(("text", "error"), [(" \n", EmptyText), ("x" * 20_001, TextTooLong)])
def test_a_text_that_cannot_be_read_is_refused_by_name(engine, text, error):
    with pytest.raises(error):
        run(engine, Request(text))


def test_the_lesson_needs_neither_torch_nor_transformers():
    code = (
        "import sys; from core.engine import local_engine;"
        "from lessons.wordpiece import figures; from lessons.wordpiece.lesson import Request, run;"
        "run(local_engine(), Request('bert tokenizer'));"
        "print([m for m in ('torch', 'transformers', 'streamlit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
