"""A table out of any CSV: its encoding, its delimiter and its header found by looking."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import IO

from core.errors import BrokenTable, MissingColumn, NotATable, UploadTooLarge
from core.stocks.dates import parse_number, parse_time

LIMIT = 200 * 10**6  # bytes
ENCODINGS = ("utf-8-sig", "utf-16", "gb18030", "cp1252", "latin-1")
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 2**18  # bytes that are looked at
SHOWN = 20  # rows
ROW_LINES = 100  # a row over more of them is a quote left open
csv.field_size_limit(2**20)  # characters, for the whole process; 2**17 as Python has it
CHUNK = 2**20
MAGIC = (
    (b"PK\x03\x04", "Excel, ZIP"), (b"\xd0\xcf\x11\xe0", "Excel"), (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"), (b"\xfd7zXZ", "xz"), (b"\x89PNG", "PNG"), (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"), (b"BZh", "bzip2"), (b"7z\xbc\xaf", "7z"),
)

Data = bytes | Path


@dataclass(frozen=True)
class Table:
    """A CSV whose shape is known; its rows are read when columns are asked for.

    data : the bytes or the path of the file
    encoding, delimiter : as found or as told; `ENCODINGS`, `DELIMITERS`
    columns : names in the order of the file, each once; "1", "2", ... without a header
    header : whether the first row holds the names
    sample : the first rows, each with as many cells as there are columns
    """

    data: Data
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    header: bool
    sample: tuple[tuple[str, ...], ...]

    def read(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """The cells of these columns, one tuple a row that has any cell; missing ones are "".

        Raises `MissingColumn`, `BrokenTable`.
        """
        for name in names:
            if name not in self.columns:
                raise MissingColumn(name, self.columns)
        places = [self.columns.index(name) for name in names]
        found = []
        for number, row in enumerate(_rows(self.data, self.encoding, self.delimiter)):
            if any(row) and not (self.header and number == 0):
                width = len(row)
                found.append(tuple(row[p].strip() if p < width else "" for p in places))
        return found


def open_table(data: Data, *, encoding: str = "", delimiter: str = "") -> Table:
    """Looks at a CSV. encoding, delimiter : as the learner says; "" finds them.

    Raises `UploadTooLarge` before anything is read, `NotATable`, `BrokenTable`.
    """
    size = check_size(data.stat().st_size if isinstance(data, Path) else len(data))
    if not size:
        raise NotATable("empty")
    with _bytes(data) as file:
        start = file.read(SAMPLE)
    _check_kind(start)
    encoding = encoding or _encoding(data, start)
    if encoding not in (*ENCODINGS, "utf-16-le", "utf-16-be"):
        raise NotATable(encoding)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
    if not text.strip():
        raise NotATable("empty")
    delimiter = delimiter or _delimiter(text, complete=len(start) == size)
    rows = [row for row in _head(data, encoding, delimiter) if any(row)]
    width = max(len(row) for row in rows)
    header = _has_header(rows)
    names = rows[0] if header else [""] * width
    shown = [tuple(row + [""] * (width - len(row))) for row in rows[header:]]
    return Table(data, encoding, delimiter, _unique(names, width), header, tuple(shown[:SHOWN]))


def check_size(size: int) -> int:
    """The size in bytes. Raises `UploadTooLarge`."""
    if size > LIMIT:
        raise UploadTooLarge(size, LIMIT)
    return size


def _bytes(data: Data) -> IO[bytes]:
    return open(data, "rb") if isinstance(data, Path) else io.BytesIO(data)


def _check_kind(start: bytes) -> None:
    """Raises `NotATable` for what is no text."""
    for magic, kind in MAGIC:
        if start.startswith(magic):
            raise NotATable(kind)
    if start.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise NotATable("HTML")
    if b"\0" in start and not _utf16(start):
        raise NotATable("binary")


def _utf16(start: bytes) -> str:
    """The codec when a mark says so, or when zeros stand where those of plain letters do."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = start[first::2].count(0), start[1 - first :: 2].count(0)
        if zeros > 0.05 * len(start) / 2 and zeros > 4 * others:
            return name
    return ""


def _encoding(data: Data, start: bytes) -> str:
    """UTF-16 by its zeros, UTF-8 when all of it is, else GB 18030 or a Western 8-bit set."""
    if wide := _utf16(start):
        return wide
    if _decodes(data, "utf-8-sig"):
        return "utf-8-sig"
    if _looks_chinese(start) and _decodes(data, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: Data, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with _bytes(data) as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _looks_chinese(start: bytes) -> bool:
    """Whether most characters outside ASCII are in GB 2312, which are two high bytes each;
    accented Western letters mostly stand alone and would eat the letter behind them."""
    text = start.decode("gb18030", errors="replace")
    others = [c for c in text if ord(c) > 127]
    common = sum(c != "\ufffd" and _in_gb2312(c) for c in others)
    return bool(others) and common > 0.7 * len(others)


def _in_gb2312(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _delimiter(text: str, complete: bool) -> str:
    """The one that cuts most rows of the sample into the same number of cells, above one."""
    lines = text.splitlines(keepends=True)
    if not complete and len(lines) > 1:
        lines.pop()  # cut off in its middle
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines[:200], delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        width = max(set(widths), key=lambda w: (widths.count(w), w)) if widths else 0
        score = (round(widths.count(width) / len(widths), 2), width) if width > 1 else (0.0, 0)
        if score > best:
            best, found = score, delimiter
    return found


def _rows(data: Data, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Raises `BrokenTable` with the line where reading stops."""
    with _bytes(data) as file:
        text = io.TextIOWrapper(file, encoding=encoding, newline="", errors="replace")
        reader = csv.reader(text, delimiter=delimiter)
        begun = 0
        try:
            for row in reader:
                if reader.line_num - begun > ROW_LINES:
                    raise BrokenTable(begun + 1)
                begun = reader.line_num
                yield row
        except csv.Error as error:
            raise BrokenTable(begun + 1) from error


def _head(data: Data, encoding: str, delimiter: str) -> list[list[str]]:
    found = []
    for row in _rows(data, encoding, delimiter):
        found.append([cell.strip() for cell in row])
        if len(found) > 2 * SHOWN:
            break
    return found


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether no cell of the first row is a date or a number."""
    return not any(_is_value(cell) for cell in rows[0])


def _is_value(cell: str) -> bool:
    if parse_time(cell) is not None:
        return True
    try:
        return not isnan(parse_number(cell))
    except ValueError:
        return False


def _unique(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Each name once: blank ones are their place, doubles get a number behind them."""
    found: list[str] = []
    for place in range(width):
        name = (names[place] if place < len(names) else "").strip() or str(place + 1)
        again = 2
        plain = name
        while name in found:
            name, again = f"{plain} ({again})", again + 1
        found.append(name)
    return tuple(found)
