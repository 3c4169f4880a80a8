"""Words as Universal Dependencies cuts English, and the piece that speaks for each. No torch."""

import re
from collections.abc import Sequence

from core.contract import Encoded

_WORD = re.compile(
    r"""
    https?://\S+ | www\.\S+ | [\w.+-]+@[\w-]+\.[\w.]+   # addresses stay whole
    | [#@$]?\w+(?=n['’]t\b)                              # do|n't
    | n['’]t\b | ['’](?:s|m|d|re|ve|ll)\b                # it|'s
    | \d+(?:[.,:]\d+)+                                   # 3.5, 1,000, 10:30
    | (?:[A-Za-z]\.){2,}                                 # U.S.
    | \w+ | [^\w\s]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def words(text: str) -> tuple[tuple[int, int], ...]:
    """Character spans of the words of a text: punctuation apart, clitics cut off."""
    return tuple(match.span() for match in _WORD.finditer(text))


def first_pieces(
    encoded: Encoded, spans: Sequence[tuple[int, int]], segment: int = 0
) -> tuple[int | None, ...]:
    """For each word the piece whose vector is read: the first that begins inside it.

    A word that begins inside a piece ("not" in "cannot") has the piece that covers its start.
    None for a word without pieces: it was cut off, or its characters are none of BERT's.

    Source: Devlin et al. 2019, section 5.3 (the first sub-token stands for the word).
    """
    pieces = [
        (start, end, place)
        for place, ((start, end), word, own) in enumerate(
            zip(encoded.spans, encoded.word_index, encoded.segments, strict=True)
        )
        if word is not None and own == segment
    ]
    found: list[int | None] = []
    at = 0
    for start, end in spans:
        while at < len(pieces) and pieces[at][1] <= start:
            at += 1
        inside = at
        while inside < len(pieces) and pieces[inside][0] < start:
            inside += 1
        if inside < len(pieces) and pieces[inside][0] < end:
            found.append(pieces[inside][2])
        elif at < len(pieces) and pieces[at][0] < end:
            found.append(pieces[at][2])
        else:
            found.append(None)
    return tuple(found)
