"""Before vectors learned: six ways to make numbers of the learner's own documents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.protocol import Engine
from core.errors import BadInput, OutOfRange
from lessons.classic.counting import OneHot, Weighed, one_hot, weigh
from lessons.classic.latent import Aspects, Mixtures, Space, lsa, plsa, top_words
from lessons.classic.latent import lda as fit_lda
from lessons.classic.ranking import TextRank, textrank
from lessons.classic.request import Request

__all__ = ["Request", "Result", "run", "to_json"]
_TOP = 10


@dataclass(frozen=True)
class Result:
    """Every method's answer, None where it has none; `missing` says why, (method, sentence)."""

    one_hot: OneHot
    tfidf: Weighed | None
    textrank: TextRank | None
    lsa: Space | None
    plsa: Aspects | None
    lda: Mixtures | None
    missing: tuple[tuple[str, str], ...]


def run(engine: Engine, request: Request) -> Result:
    """All methods on the same documents; one that cannot answer leaves the others alone.

    Raises `EmptyText`, `TextTooLong`, `NoWords`, `OutOfRange`.
    """
    missing: list[tuple[str, str]] = []

    def attempt(name: str, method: Callable[[Engine, Request], Any]) -> Any:
        try:
            return method(engine, request)
        except OutOfRange:
            raise
        except BadInput as error:
            missing.append((name, str(error)))
            return None

    return Result(
        one_hot(engine, request), attempt("tfidf", weigh), attempt("textrank", textrank),
        attempt("lsa", lsa), attempt("plsa", plsa), attempt("lda", fit_lda), tuple(missing),
    )


def to_json(result: Result) -> dict[str, Any]:
    """one_hot, tfidf, textrank, lsa, plsa, lda: null where a method cannot answer."""
    return {
        "documents": list(result.one_hot.counted.collection.texts),
        "one_hot": _one_hot(result.one_hot),
        "tfidf": result.tfidf and _tfidf(result.tfidf),
        "textrank": result.textrank and _textrank(result.textrank),
        "lsa": result.lsa and _lsa(result.lsa),
        "plsa": result.plsa and _plsa(result.plsa),
        "lda": result.lda and _lda(result.lda),
        "missing": dict(result.missing),
    }


def _one_hot(found: OneHot) -> dict[str, Any]:
    words = found.counted.counts.words
    return {
        "words": list(words),
        "vectors": np.eye(len(words), dtype=int).tolist(),
        "distance": found.farthest,
        "cosine": found.cosine,
        "bag": found.counted.counts.matrix.tolist(),
    }


def _tfidf(found: Weighed) -> dict[str, Any]:
    return {
        "words": list(found.counted.counts.words), "idf": found.idf.tolist(),
        "matrix": found.weights.tolist(), "sentence_cosine": found.similar.tolist(),
    }


def _textrank(found: TextRank) -> dict[str, Any]:
    return {
        "keywords": [
            {"word": found.words.names[i], "rank": float(found.words.ranks[i])}
            for i in found.keywords
        ],
        "phrases": list(found.phrases),
        "sentences": [
            {"sentence": found.sentences.names[i], "rank": float(found.sentences.ranks[i])}
            for i in found.sentences.order()
        ],
    }


def _lsa(found: Space) -> dict[str, Any]:
    return {
        "singular_values": found.lsa.singular.tolist(),
        "documents": found.lsa.documents.tolist(),
        "words": dict(zip(found.counted.counts.words, found.lsa.words.tolist(), strict=True)),
        "cosine": found.alike.tolist(),
        "classes": [list(group) for group in found.groups()],
    }


def _topics(topics: np.ndarray, words: tuple[str, ...]) -> list[list[dict[str, Any]]]:
    return [
        [{"word": word, "p": p} for word, p in topic] for topic in top_words(topics, words, _TOP)
    ]


def _plsa(found: Aspects) -> dict[str, Any]:
    return {
        "topics": _topics(found.plsa.topics, found.counted.counts.words),
        "documents": found.plsa.mixtures.tolist(),
        "log_likelihood": list(found.plsa.likelihoods),
    }


def _lda(found: Mixtures) -> dict[str, Any]:
    return {
        "topics": _topics(found.lda.topics, found.counted.counts.words),
        "documents": found.lda.mixtures.tolist(),
        "perplexity": found.lda.perplexity,
    }
