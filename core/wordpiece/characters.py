"""Which characters BERT's tokenizer removes, splits at or strips, as compiled classes.

Python and the `tokenizers` library carry different versions of Unicode, so that a category
asked from `unicodedata` would now and then answer differently. `characters.json` holds the
library's own answers for all code points; it is made by

    python -m core.wordpiece.characters
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

_FILE = Path(__file__).with_name("characters.json")
_TABLES = json.loads(_FILE.read_text(encoding="ascii")) if _FILE.exists() else {}
_BEFORE_ALL, _AFTER_ALL = "\u0345", "\u0334"  # combining classes 240 and 1


def _compiled(name: str) -> re.Pattern[str]:
    ends = (span.split("-") for span in _TABLES.get(name, "0").split())
    inside = (f"{_escape(span[0])}-{_escape(span[-1])}" for span in ends)
    return re.compile(f"[{''.join(inside)}]")


def _escape(code: str) -> str:
    return f"\\U{int(code, 16):08x}"


REMOVED = _compiled("removed")  # control, format, private use, U+FFFD
SPACE = _compiled("space")  # what cleaning turns into a plain space
GAP = _compiled("gap")  # where words end without leaving a trace
CJK = _compiled("cjk")
ACCENT = _compiled("accent")  # non-spacing marks
PUNCTUATION = _compiled("punctuation")
_COMPOSED = re.compile(_compiled("composed").pattern + "+")
_LOWER = {chr(int(k, 16)): v for k, v in _TABLES.get("lower", {}).items()}


def decomposed(text: str) -> str:
    """é -> e + ´: canonical decomposition (NFD)."""
    return _COMPOSED.sub(lambda run: unicodedata.normalize("NFD", run[0]), text)


def lowered(text: str) -> str:
    """Lower case, each character for itself (no rule for a final sigma)."""
    return "".join(_LOWER.get(c) or c.lower() for c in text)


def probe() -> dict[str, object]:
    """Ask the library about every code point; ranges in hexadecimal."""
    plain = {"clean_text": False, "handle_chinese_chars": False}
    clean = BertNormalizer(True, False, False, False).normalize_str
    apart = BertNormalizer(False, True, False, False).normalize_str
    lower = BertNormalizer(**plain, strip_accents=False, lowercase=True).normalize_str
    strip = BertNormalizer(**plain, strip_accents=True, lowercase=False).normalize_str
    nfd = NFD().normalize_str
    parts = BertPreTokenizer().pre_tokenize_str

    def composed(c: str) -> bool:
        alone = nfd(c)
        reordered = nfd(c + _AFTER_ALL) != alone + _AFTER_ALL
        return alone != c or reordered or nfd(_BEFORE_ALL + c) != _BEFORE_ALL + alone

    tests: dict[str, Callable[[str], bool]] = {
        "removed": lambda c: clean(c) == "",
        "space": lambda c: clean(c) == " ",
        "gap": lambda c: len(parts(f"a{c}a")) == 2,
        "cjk": lambda c: apart(c) != c,
        "accent": lambda c: strip(c) == "",
        "punctuation": lambda c: len(parts(f"a{c}a")) == 3,
        "composed": composed,
    }
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    return {name: _ranges(ord(c) for c in every if test(c)) for name, test in tests.items()} | {
        "lower": {f"{ord(c):x}": lower(c) for c in every if lower(c) != c.lower()}
    }


def _ranges(codes: Iterable[int]) -> str:
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in spans)


if __name__ == "__main__":
    _FILE.write_text(json.dumps(probe(), indent=1) + "\n", encoding="ascii")
