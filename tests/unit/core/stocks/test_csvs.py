"""Tables as programs and people in several countries write them."""

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BrokenTable, MissingColumn, NotATable, UploadTooLarge
from core.stocks import csvs
from core.stocks.csvs import check_size, open_table

WESTERN = "Datum;Text\n2014-12-25;Grüße aus Zürich, très élégant, señor\n2014-12-26;naïve Öl\n"
CHINESE = "日期,标题\n2014-01-02,苹果公司股价上涨\n2014-01-03,业绩不及预期，一路下跌\n"
PLAIN = "date,text\n2014-01-02,one\n2014-01-03,two\n"


@pytest.mark.parametrize("text, encoding, found", [
    (PLAIN, "ascii", "utf-8-sig"), (WESTERN, "utf-8", "utf-8-sig"),
    (WESTERN, "utf-8-sig", "utf-8-sig"), (WESTERN, "latin-1", "cp1252"),
    (WESTERN, "utf-16", "utf-16"), (PLAIN, "utf-16-le", "utf-16-le"),
    (PLAIN, "utf-16-be", "utf-16-be"), (CHINESE, "utf-8", "utf-8-sig"),
    (CHINESE, "gb18030", "gb18030"), (CHINESE, "utf-16", "utf-16"),
])
def test_the_encoding_is_found_and_the_text_comes_back(text, encoding, found):
    table = open_table(text.encode(encoding))
    assert table.encoding == found
    rows = [line.split(table.delimiter, 1) for line in text.splitlines()]
    assert table.columns == tuple(rows[0])
    assert table.read(table.columns) == [tuple(row) for row in rows[1:]]


def test_a_windows_quotation_mark_is_no_latin_1_control_character():
    table = open_table("date,text\n2014-01-02,“good” – they say €\n".encode("cp1252"))
    assert table.read(["text"]) == [("“good” – they say €",)]


def test_bytes_that_no_windows_letter_has_are_read_as_latin_1():
    assert open_table(b"date,text\n2014-01-02,\x81\xe9t\xe9\n").encoding == "latin-1"


def test_the_learner_can_say_another_encoding_and_delimiter():
    table = open_table(CHINESE.encode("gb18030"), encoding="latin-1")
    assert table.encoding == "latin-1" and table.columns[0] != "日期"
    assert open_table(PLAIN.encode(), delimiter=";").columns == ("date,text",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_between_texts_full_of_the_others(delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["date", "text", "n"])
    for day in range(1, 20):
        writer.writerow([f"2014-01-{day:02}", "a, b; c | d\te, f", day])
    table = open_table(out.getvalue().encode())
    assert table.delimiter == delimiter and table.columns == ("date", "text", "n")
    assert len(table.read(["text"])) == 19


def test_quotes_line_breaks_and_short_rows_inside_a_table_are_kept():
    text = 'date,text,n\n2014-01-02,"two\nlines, ""quoted""",1\n\n2014-01-03,short\n'
    table = open_table(text.encode())
    assert table.read(["text", "n"]) == [('two\nlines, "quoted"', "1"), ("short", "")]
    assert table.sample[0] == ("2014-01-02", 'two\nlines, "quoted"', "1")
    assert table.sample[1:] == (("2014-01-03", "short", ""),)


def test_without_a_header_columns_are_called_by_their_place():
    table = open_table(b"2014-01-02,10.5\n2014-01-03,11\n")
    assert table.columns == ("1", "2") and not table.header and len(table.read(["2"])) == 2


def test_blank_and_double_names_are_told_apart():
    assert open_table(b"a,,a,b\n1,2,3,4\n").columns == ("a", "2", "a (2)", "b")


@pytest.mark.parametrize("data, kind", [
    (b"", "empty"), (b"  \n \n", "empty"), (b"PK\x03\x04rest", "Excel, ZIP"), (b"%PDF-1.7", "PDF"),
    (b"\x1f\x8b\x08", "gzip"), (b"\x89PNG\r\n", "PNG"), (bytes(range(256)) * 9, "binary"),
    (b"<!DOCTYPE html><html></html>", "HTML"), (b"\n<HTML><body>", "HTML"),
])
def test_what_is_no_table_is_called_by_its_name(data, kind):
    with pytest.raises(NotATable) as caught:
        open_table(data)
    assert caught.value.facts["kind"] == kind


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with open(path, "wb") as file:
        file.truncate(csvs.LIMIT + 1)  # takes no room on the disk
    with pytest.raises(UploadTooLarge, match=r"201 MB; at most 200 MB"):
        open_table(path)
    assert check_size(csvs.LIMIT) == csvs.LIMIT


def test_a_path_reads_as_its_bytes_do(tmp_path):
    path = tmp_path / "small.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    assert open_table(path).read(["标题"]) == open_table(path.read_bytes()).read(["标题"])


def test_a_quote_left_open_is_said_with_its_line():
    text = "date,text\n2014-01-02,fine\n2014-01-03,\"open\n" + "2014-01-04,x\n" * 200
    with pytest.raises(BrokenTable) as caught:
        open_table(text.encode()).read(["text"])
    assert caught.value.facts["line"] == 3


def test_a_column_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(MissingColumn, match="date, text"):
        open_table(PLAIN.encode()).read(["close"])


@given(st.lists(st.lists(st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20
).map(str.strip), min_size=2, max_size=2).filter(any), min_size=1, max_size=12))
def test_what_the_csv_module_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["date", "text"], *rows])
    table = open_table(out.getvalue().encode(), delimiter=",")
    assert table.read(["date", "text"]) == [tuple(row) for row in rows]


def test_any_bytes_give_a_table_or_one_of_the_sentences():
    random.seed(3)
    for _ in range(300):
        data = bytes(random.choices(range(256), k=random.randint(0, 80)))
        try:
            table = open_table(data)
            table.read(table.columns)
        except (NotATable, BrokenTable):
            pass
