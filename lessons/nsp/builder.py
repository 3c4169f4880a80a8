"""Training pairs from a small text of the learner's, by the code that made the model's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contract import TraceRequest
from core.engine.answers import check_next_sentence
from core.engine.protocol import Engine
from core.errors import BadInput
from core.limits import check_text
from core.models.files import folder_of
from core.trace.recompute import softmax
from core.training.corpus import TokenizedCorpus, sentences
from core.training.pairs import IS_NEXT, Pair, document_pairs
from core.wordpiece.encoder import tokenizer, without_surrogates

MAX_LENGTH = 128  # pieces of a pair with special tokens, as in most of the model's own training
SAMPLE = Path(__file__).with_name("documents.txt")
_BLANK_LINES = re.compile(r"\n\s*\n")


class TooFewDocuments(BadInput):
    """A random second sentence needs another document; a true one needs a second sentence."""

    key = "too_few_documents"

    def __init__(self) -> None:
        super().__init__(
            "Pairs need at least two documents, with a blank line between them, "
            "and one document of at least two sentences."
        )


@dataclass(frozen=True)
class Request:
    """text : documents with blank lines between them; count : pairs wanted."""

    text: str
    seed: int = 1
    count: int = 8
    model: str = "embedded"


@dataclass(frozen=True)
class Row:
    """One training pair: both sides as text, its label, and what the model says."""

    a: str
    b: str
    is_true: bool
    is_next: float

    @property
    def right(self) -> bool:
        return (self.is_next >= 0.5) == self.is_true


@dataclass(frozen=True)
class Result:
    """rows : the pairs in the order in which they were drawn; documents : how many were read."""

    rows: tuple[Row, ...]
    documents: int

    @property
    def accuracy(self) -> float:
        return sum(row.right for row in self.rows) / len(self.rows)

    @property
    def true_share(self) -> float:
        return sum(row.is_true for row in self.rows) / len(self.rows)


def sample_text() -> str:
    """The documents that stand in the box at first."""
    return SAMPLE.read_text(encoding="utf-8").strip()


def corpus_of(text: str, folder: Path) -> TokenizedCorpus:
    """The learner's documents, sentence by sentence, in the layout of the training corpus."""
    pieces = tokenizer(folder)
    documents = [
        [encoded.ids for encoded in pieces.encode_batch(sentences(part), add_special_tokens=False)
         if encoded.ids]
        for part in _BLANK_LINES.split(without_surrogates(text))
    ]
    documents = [document for document in documents if document]
    lengths = [len(sentence) for document in documents for sentence in document]
    flat = [i for document in documents for sentence in document for i in sentence]
    return TokenizedCorpus(
        np.array(flat, dtype=np.int64),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([[0], np.cumsum([len(d) for d in documents])]).astype(np.int64),
    )


def build(corpus: TokenizedCorpus, seed: int, count: int) -> list[Pair]:
    """`count` pairs, the corpus read as often as it takes. Raises `TooFewDocuments`."""
    enough = len(corpus) > 1 and any(len(corpus.document(d)) > 1 for d in range(len(corpus)))
    if not enough:
        raise TooFewDocuments
    endless = _pairs_without_end(corpus, np.random.default_rng(seed))
    return [next(endless) for _ in range(count)]


def _pairs_without_end(corpus: TokenizedCorpus, rng: np.random.Generator) -> Iterator[Pair]:
    while True:
        for index in range(len(corpus)):
            yield from document_pairs(corpus, index, rng, MAX_LENGTH)


def run(engine: Engine, request: Request) -> Result:
    """Draw the pairs and let the model judge each of them.

    Raises `EmptyText`, `TooFewDocuments`, `MissingHead`.

    Source: Devlin et al. 2019, section 3.1, task 2, and appendix A.2.
    """
    check_next_sentence(engine.info(request.model))
    folder = folder_of(engine.info(request.model).id)
    corpus = corpus_of(check_text(request.text), folder)
    names = tokenizer(folder)
    rows = tuple(
        Row(
            names.decode(pair.a.tolist(), skip_special_tokens=False),
            names.decode(pair.b.tolist(), skip_special_tokens=False),
            pair.label == IS_NEXT,
            _probability(engine, request.model, pair),
        )
        for pair in build(corpus, request.seed, request.count)
    )
    return Result(rows, len(corpus))


def _probability(engine: Engine, model: str, pair: Pair) -> float:
    """P(IsNext) of exactly these ids.

    A side may have been cut in the middle of a word, which no text can say: so texts of the
    right length stand in, and the ids replace theirs.
    """
    cls, *_, sep = engine.tokenize(model, "a").ids
    ids = (cls, *map(int, pair.a), sep, *map(int, pair.b), sep)
    trace = engine.trace(
        TraceRequest(
            "a " * len(pair.a), "a " * len(pair.b), model, frozenset({"nsp"}), (), input_ids=ids
        )
    )
    assert trace.nsp_logits is not None
    return float(softmax(trace.nsp_logits[0].astype(np.float64))[IS_NEXT])
