"""Text to word pieces with the library: pairs, cuts, spans, and whatever a learner may type."""

import json
from pathlib import Path

import pytest

from core.wordpiece.encoder import encode, tokenizer, without_surrogates
from tests.golden.wordpiece import EMBEDDED, GOLDEN

HOSTILE = (
    "\ud800 lone", "a\x00b", "\x00", "🚀👩‍👩‍👧", "שלום عالم", "\u202eabc", "<script>", "x" * 20_000,
    "\ud83d\ude00", "é" * 20_000, "[MASK]" * 600,
)


def test_golden_inputs_give_the_recorded_pieces_and_ids(folders: dict[str, Path]) -> None:
    for line in GOLDEN.read_text(encoding="ascii").splitlines():
        row = json.loads(line)
        found = encode(folders[row["casing"]], row["text"])
        assert list(found.tokens) == row["tokens"], row["text"]
        assert list(found.ids) == row["ids"], row["text"]


def test_a_single_text_stands_between_cls_and_sep(toy: Path) -> None:
    found = encode(toy, "abcd b")
    assert found.tokens == ("[CLS]", "ab", "##cd", "b", "[SEP]")
    assert found.ids == (2, 7, 10, 6, 3)
    assert found.segments == (0, 0, 0, 0, 0)
    assert found.word_index == (None, 0, 0, 1, None)
    assert found.spans == ((0, 0), (0, 2), (2, 4), (5, 6), (0, 0))


def test_the_second_text_is_segment_b_with_its_own_words_and_spans(toy: Path) -> None:
    found = encode(toy, "a", "b abc")
    assert found.tokens == ("[CLS]", "a", "[SEP]", "b", "ab", "##c", "[SEP]")
    assert found.segments == (0, 0, 0, 1, 1, 1, 1)
    assert found.word_index == (None, 0, None, 0, 1, 1, None)
    assert found.spans[3:6] == ((0, 1), (2, 4), (4, 5))


def test_mask_typed_by_the_learner_is_the_special_token(toy: Path) -> None:
    assert encode(toy, "a[MASK]b").ids == (2, 5, 4, 6, 3)


def test_a_text_of_exactly_the_limit_is_kept_whole(toy: Path) -> None:
    found = encode(toy, "a " * 6, limit=8)
    assert (len(found), found.dropped, found.kept_a) == (8, 0, 12)


def test_a_longer_text_is_cut_and_says_where(toy: Path) -> None:
    found = encode(toy, "a b a b a b a b", limit=6)  # room for 4 of 8; the 5th starts at 8
    assert (len(found), found.dropped, found.kept_a) == (6, 4, 8)


@pytest.mark.parametrize(
    ("words_a", "words_b", "kept_a", "kept_b"),
    [(20, 3, 6, 3), (3, 20, 3, 6), (20, 20, 5, 4), (5, 20, 5, 4), (20, 4, 5, 4), (4, 20, 4, 5)],
)
def test_the_longer_side_of_a_pair_is_cut_first(
    toy: Path, words_a: int, words_b: int, kept_a: int, kept_b: int
) -> None:
    # limit 12 leaves room for 9; BERT's _truncate_seq_pair pops from the longer, from B on a tie
    found = encode(toy, "a " * words_a, "b " * words_b, limit=12)
    assert (found.tokens.count("a"), found.tokens.count("b")) == (kept_a, kept_b)
    assert found.dropped == words_a + words_b - 9


def test_a_second_text_without_any_piece_still_fits_the_limit(toy: Path) -> None:
    assert len(encode(toy, "a " * 20, "\x00", limit=10)) == 10


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_encoded_within_the_limit(text: str) -> None:
    found = encode(EMBEDDED, text, text)
    assert 3 <= len(found) <= 512
    kept = {0: found.kept_a, 1: found.kept_b}
    for (start, end), segment in zip(found.spans, found.segments, strict=True):
        assert 0 <= start <= end <= kept[segment]


def test_lone_surrogates_are_replaced_without_changing_the_length() -> None:
    assert without_surrogates("a\ud800b\ud83d\ude00") == "a\ufffdb\ufffd\ufffd"


def test_truncation_and_padding_stored_in_a_tokenizer_file_are_off(tmp_path: Path) -> None:
    stored = json.loads(tokenizer(EMBEDDED).to_str())
    stored["truncation"] = {
        "max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored), encoding="utf-8")
    assert len(encode(tmp_path, "one two three four five six seven eight nine ten")) == 12


def test_a_folder_without_tokenizer_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        tokenizer(tmp_path)
