"""An uploaded table as lines: encoding and delimiter are found out, nothing else is guessed."""

import codecs
import csv
import io
import re
from collections.abc import Sequence

from core.live.errors import FileTooLarge, NoLines, NotText, TooManyLines, WrongColumns
from core.live.lines import MAX_LINES

MAX_BYTES = 2 * 2**20
DELIMITERS = (",", "\t", ";", "|")
LABELS = {"label", "labels", "class", "category", "tag", "tags", "target", "标签", "类别", "标记"}
TEXTS = {"text", "texts", "sentence", "message", "content", "words", "tweet", "review",
         "文本", "句子", "内容", "词"}
_LOOKED = 50  # rows that decide the delimiter
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}


def decoded(raw: bytes) -> str:
    """The file as text: by its byte order mark, else UTF-8, else the Chinese or Western one.

    Raises `NotText`.
    """
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return _strict(raw, name)
    for name in ("utf-8", "gb18030", "cp1252"):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "gb18030" and not _looks_chinese(text):
            continue
        return _checked(text)
    raise NotText


def _strict(raw: bytes, name: str) -> str:
    try:
        return _checked(raw.decode(name))
    except UnicodeDecodeError:
        raise NotText from None


def _checked(text: str) -> str:
    if _NO_TEXT.search(text):
        raise NotText
    return text


def _looks_chinese(text: str) -> bool:
    """Western accents read as GB18030 become rare characters, here and there one."""
    beyond = [c for c in text if ord(c) > 127]
    common = sum("\u4e00" <= c <= "\u9fa5" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
                 for c in beyond)
    return len(beyond) >= 4 and common > 0.9 * len(beyond) and len(beyond) > 0.1 * len(text)


def delimiter_of(text: str) -> str:
    """The sign that cuts most of the first rows into the same number of columns above one."""
    head = "\n".join(text.splitlines()[:_LOOKED])
    best, most = DELIMITERS[0], 0.0
    for sign in DELIMITERS:
        widths = [len(row) for row in _rows(head, sign)]
        wide = max(set(widths), key=widths.count, default=1)
        fit = widths.count(wide) / max(1, len(widths)) if wide > 1 else 0.0
        if fit > most:
            best, most = sign, fit
    return best


def _rows(text: str, sign: str) -> list[list[str]]:
    try:
        read = csv.reader(io.StringIO(text), delimiter=sign)
        return [[cell.strip() for cell in row] for row in read if any(c.strip() for c in row)]
    except csv.Error:
        raise NotText from None


def lines_of(raw: bytes) -> str:
    """The table as "label<TAB>text" lines.

    A header names the two columns; without one, two columns are taken, the one with fewer
    different entries for the label.

    Raises `FileTooLarge`, `NotText`, `NoLines`, `TooManyLines`, `WrongColumns`.
    """
    if len(raw) > MAX_BYTES:
        raise FileTooLarge(len(raw), MAX_BYTES)
    text = decoded(raw)
    if not text.strip():
        raise NoLines
    rows = _rows(text, delimiter_of(text))
    if not rows:
        raise NoLines
    label, content, first = _columns(rows)
    body = rows[first:]
    if len(body) > MAX_LINES:
        raise TooManyLines(len(body), MAX_LINES)
    if not body:
        raise NoLines
    last = max(label, content)
    return "\n".join(
        f"{_flat(row[label])}\t{_flat(row[content])}" if len(row) > last else _flat("".join(row))
        for row in body
    )


def _flat(cell: str) -> str:
    return " ".join(cell.split())


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """(column of the label, column of the text, first row of the body)."""
    names = [name.lower() for name in rows[0]]
    labels = [i for i, name in enumerate(names) if name in LABELS]
    texts = [i for i, name in enumerate(names) if name in TEXTS]
    if labels and texts:
        return labels[0], texts[0], 1
    if len(names) != 2:
        raise WrongColumns(rows[0])
    first, second = (len({row[i] for row in rows if len(row) > i}) for i in (0, 1))
    header = 1 if labels or texts else 0
    return (0, 1, header) if first <= second else (1, 0, header)
