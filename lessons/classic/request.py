"""What all methods of this lesson are asked, and the counts that they start from."""

from dataclasses import dataclass

import numpy as np

from core.errors import OutOfRange
from core.vectors.counts import Counts, bags, count
from core.vectors.documents import CUTS, Collection, read, without, words_of

TOPICS = (2, 8)
STEPS = (0, 200)
FUNCTION_WORDS = ("out", "in")


@dataclass(frozen=True)
class Request:
    """text : documents, one a line; query : a sentence to be read with them

    cut : how Chinese becomes words; function_words : "out" or "in" (one-hot and the bag of words
    always count all); window : TextRank's, in words; size : directions of LSA; classes : of
    words; topics, seed : of pLSA and LDA; steps : of pLSA's EM
    """

    text: str
    query: str = ""
    cut: str = "auto"
    function_words: str = "out"
    window: int = 4
    size: int = 2
    classes: int = 4
    topics: int = 3
    steps: int = 50
    seed: int = 0
    model: str = "embedded"

    @property
    def leave_out(self) -> bool:
        """Whether function words are left out."""
        return self.function_words == FUNCTION_WORDS[0]


@dataclass(frozen=True)
class Counted:
    """The documents' words as counts, and the learner's sentence in the same words.

    query : int64[V]; unknown : words of the sentence that no document has
    """

    collection: Collection
    counts: Counts
    query: np.ndarray
    unknown: tuple[str, ...]


def collection(request: Request) -> Collection:
    """The documents. Raises `EmptyText`, `TextTooLong`, `NoWords`, `OutOfRange`."""
    if request.cut not in CUTS:
        raise OutOfRange("cut", request.cut, 0, len(CUTS) - 1)
    if request.function_words not in FUNCTION_WORDS:
        raise OutOfRange("function_words", request.function_words, 0, 1)
    return read(request.text, request.cut, request.leave_out)


def counted(request: Request, *, every_word: bool = False) -> Counted:
    """Documents and sentence counted, function words left out as asked unless `every_word`.

    Raises what `collection` raises, and `OnlyFunctionWords`.
    """
    documents = collection(request)
    counts = count(documents.words if every_word else documents.kept)
    asked = words_of(request.query, documents.cut or "spaces")
    if request.leave_out and not every_word:
        asked = without(asked)
    known = set(counts.words)
    return Counted(
        documents, counts, bags([asked], counts.words)[0],
        tuple(dict.fromkeys(word for word in asked if word not in known)),
    )


def check_topics(request: Request) -> None:
    """Raises `OutOfRange`."""
    for name, value, (low, high) in (
        ("topics", request.topics, TOPICS), ("steps", request.steps, STEPS),
        ("seed", request.seed, (0, 2**31 - 1)),
    ):
        if not low <= value <= high:
            raise OutOfRange(name, value, low, high)
