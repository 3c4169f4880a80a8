"""A text in parts, some of them marked: an answer in its paragraph, words with their tags."""

from dataclasses import dataclass

import numpy as np

from core.trace.recompute import softmax
from lessons.tasks.lesson import Result

FAMILIES = {
    "query": ("NOUN", "PROPN", "PRON", "PER"),
    "key": ("VERB", "AUX", "PART", "ORG"),
    "value": ("ADJ", "ADV", "DET", "NUM", "LOC"),
    "token": ("ADP", "CCONJ", "SCONJ"),
    "muted": ("INTJ", "PUNCT", "SYM", "X"),
}
_COLOURS = {tag: colour for colour, tags in FAMILIES.items() for tag in tags}


@dataclass(frozen=True)
class Part:
    """A stretch of text. tag : written under it; colour : of the theme by its name, or "" for
    none; piece : what a click on it opens, or None; joined : goes on with the name before it"""

    text: str
    tag: str = ""
    colour: str = ""
    piece: int | None = None
    joined: bool = False


def kind(tag: str) -> str:
    """A tag without its B- or I-."""
    return tag.partition("-")[2] or tag


def colour_of(tag: str) -> str:
    """The colour of a tag's family, "" for O."""
    return _COLOURS.get(kind(tag), "")


def tagged(result: Result, text: str) -> tuple[Part, ...]:
    """The text with every word marked by its tag."""
    parts, at = [], 0
    for word in result.answer.words:
        if word.start > at:
            parts.append(Part(text[at : word.start]))
        parts.append(Part(word.text, word.tag, colour_of(word.tag), word.piece,
                          word.tag.startswith("I-")))
        at = max(at, word.end)
    return (*parts, Part(text[at:])) if at < len(text) else tuple(parts)


def answered(result: Result, tag: str) -> tuple[Part, ...]:
    """The paragraph with its best span marked; faintly where no answer is believed."""
    paragraph = result.paragraph
    if not result.answer.spans:
        return (Part(paragraph),)
    best = result.answer.spans[0]
    colour = "value" if result.answer.answerable else "muted"
    parts = (Part(paragraph[: best.start]), Part(best.text, tag, colour, best.first),
             Part(paragraph[best.end :]))
    return tuple(part for part in parts if part.text)


def kinds(result: Result) -> tuple[str, ...]:
    """The kinds of tags that occur, in the order of the labels, without O."""
    seen = {kind(word.tag) for word in result.answer.words} - {"O"}
    order = dict.fromkeys(kind(label) for label in result.answer.labels)
    return tuple(one for one in order if one in seen)


def likeliest(logits: tuple[float, ...], most: int) -> list[tuple[int, float]]:
    """(label, probability) of a word, best first, at most `most`."""
    shares = softmax(np.array(logits))
    best = np.argsort(-shares, kind="stable")[:most]
    return [(int(i), float(shares[i])) for i in best]
