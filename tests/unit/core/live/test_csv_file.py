"""Uploaded tables: any encoding and delimiter, and one sentence for what is no table."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InsideBertError
from core.live import errors
from core.live.csv_file import MAX_BYTES, decoded, delimiter_of, lines_of

ROWS = "label,text\nspam,Buy pills\nham,See you soon\n"


def test_named_columns_are_found_wherever_they_stand():
    table = "id,text,who,label\n1,Buy pills,me,spam\n2,\"Yes, at six\",you,ham\n"
    assert lines_of(table.encode()) == "spam\tBuy pills\nham\tYes, at six"


def test_two_columns_without_names_are_enough():
    table = "Buy pills;spam\nWin cash;spam\nSee you soon;ham\nGood night;ham\n"
    assert lines_of(table.encode()) == (
        "spam\tBuy pills\nspam\tWin cash\nham\tSee you soon\nham\tGood night"
    )


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sign):
    table = sign.join(["label", "text"]) + "\n" + "\n".join(
        sign.join([f"c{n % 2}", f"text number {n}"]) for n in range(6)
    )
    assert delimiter_of(table) == sign
    assert lines_of(table.encode()).splitlines()[0] == "c0\ttext number 0"


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_is_read_in_any_of_its_encodings(name):
    table = "标签,文本\n好评,这本书非常好看\n差评,这部电影很无聊\n"
    assert lines_of(table.encode(name)) == "好评\t这本书非常好看\n差评\t这部电影很无聊"


def test_western_accents_are_not_taken_for_chinese():
    table = "label,text\ngood,le café était très bon\nbad,la forêt était brûlée\n"
    assert decoded(table.encode("cp1252")) == table


def test_line_breaks_and_tabs_inside_a_cell_become_spaces():
    assert lines_of(b'label,text\na,"one\ntwo\tthree"\n') == "a\tone two three"


@pytest.mark.parametrize(
    "raw, error",
    [
        (b"", errors.NoLines),
        (b"\n \n", errors.NoLines),
        (b"label,text\n", errors.NoLines),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", errors.NotText),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", errors.NotText),
        (b"date,price,volume\n1,2,3\n", errors.WrongColumns),
        (b"just one column\nand no other\n", errors.WrongColumns),
        (b"a,b\n" * (MAX_BYTES // 4 + 1), errors.FileTooLarge),
        (b"label,text\n" + b"a,b\n" * 100_000, errors.TooManyLines),
    ],
    ids=["empty", "blank", "header only", "picture", "spreadsheet", "other columns", "one column",
         "too large", "100,000 lines"],
)
def test_what_is_no_table_of_labelled_texts_gets_its_sentence(raw, error):
    with pytest.raises(error) as raised:
        lines_of(raw)
    assert len(str(raised.value)) < 200


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(raw):
    with contextlib.suppress(InsideBertError):
        assert lines_of(raw)
