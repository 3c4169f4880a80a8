"""A paragraph too long for one sequence, in windows that overlap. No torch."""

from dataclasses import dataclass
from pathlib import Path

from core.contract import Encoded
from core.errors import QuestionTooLong
from core.wordpiece.encoder import encode, tokenizer, without_surrogates

STRIDE = 128  # pieces that two neighbouring windows share
QUESTION_PIECES = 128


@dataclass(frozen=True)
class Window:
    """[CLS] question [SEP] a part of the paragraph [SEP].

    offset : where the part begins in the paragraph, in characters
    """

    encoded: Encoded
    offset: int


def windows(folder: Path, question: str, paragraph: str, length: int) -> tuple[Window, ...]:
    """Every part of the paragraph, each beside the whole question, at most `length` pieces.

    Neighbours share STRIDE pieces, less where the room is small. Cuts are made between words.

    Raises `QuestionTooLong`. Source: Devlin et al. 2019, section 4.2 and their SQuAD code
    (doc_stride).
    """
    pieces = tokenizer(folder)
    asked = len(pieces.encode(without_surrogates(question), add_special_tokens=False))
    if asked > min(QUESTION_PIECES, length // 2):
        raise QuestionTooLong(asked, min(QUESTION_PIECES, length // 2))
    room = length - asked - 3
    read = pieces.encode(without_surrogates(paragraph), add_special_tokens=False)
    if len(read) <= room:
        return (Window(encode(folder, question, paragraph, length), 0),)
    cuts = [i for i, w in enumerate(read.word_ids) if i == 0 or w != read.word_ids[i - 1]]
    cuts.append(len(read))
    step = room - min(STRIDE, room // 2)
    found, first = [], 0
    while True:
        last = max((i for i in cuts if first < i <= first + room), default=first + room)
        begin, end = read.offsets[first][0], read.offsets[last - 1][1]
        found.append(Window(encode(folder, question, paragraph[begin:end], length), begin))
        if last == len(read):
            return tuple(found)
        first = max((i for i in cuts if first < i <= first + step), default=last)
