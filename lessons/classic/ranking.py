"""TextRank on the learner's documents: key words, phrases and the sentences that sum up."""

from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.errors import OutOfRange, TooFewWords
from core.vectors.documents import sentences_of, without, words_of
from core.vectors.textrank import (
    DAMPING,
    Ranked,
    phrases,
    rank,
    rank_by_hand,
    sentence_weights,
    word_weights,
)
from lessons.classic.request import Request, counted
from lessons.proof import Proof, check

WINDOWS = (2, 10)
MOST_SENTENCES = 60
_SUMMARY = 3


@dataclass(frozen=True)
class TextRank:
    """Two graphs and their ranks.

    words, sentences : nodes are different words, and the sentences in reading order
    keywords : the best third of the words, highest first
    phrases : key words side by side, where the words are whole ones
    summary : the best sentences, in reading order; dropped : sentences beyond `MOST_SENTENCES`
    """

    words: Ranked
    sentences: Ranked
    keywords: tuple[int, ...]
    phrases: tuple[str, ...]
    summary: tuple[int, ...]
    dropped: int
    proof: Proof


def textrank(engine: Engine, request: Request) -> TextRank:
    """PageRank of the word graph and of the sentence graph.

    Raises the errors of `counted`, `TooFewWords`, `OutOfRange` for the window.
    """
    if not WINDOWS[0] <= request.window <= WINDOWS[1]:
        raise OutOfRange("window", request.window, *WINDOWS)
    found = counted(request)
    names = found.counts.words
    if len(names) < 2:
        raise TooFewWords(len(names), 2)
    texts = [s for text in found.collection.texts for s in sentences_of(text)]
    read = [words_of(text, found.collection.cut or "spaces") for text in texts]
    words = rank(names, word_weights(read, names, request.window))
    shown = [at for at, sentence in enumerate(read) if sentence][:MOST_SENTENCES]
    kept = [without(read[at]) if request.leave_out else read[at] for at in shown]
    sentences = rank([texts[at] for at in shown], sentence_weights(kept))
    keywords = words.order()[: max(1, round(len(names) / 3))]
    best = tuple(sorted(sentences.order()[:_SUMMARY]))
    whole = found.collection.cut not in ("bigrams", "characters")
    return TextRank(
        words, sentences, keywords,
        phrases(read, {names[i] for i in keywords}) if whole else (), best,
        sum(map(bool, read)) - len(shown), _proof(words, sentences),
    )


def _proof(words: Ranked, sentences: Ranked) -> Proof:
    formula = f"(1 - d) / N + d · Σ votes, d = {DAMPING}"
    return Proof(tuple(
        check(name, formula, rank_by_hand(graph.weights), graph.ranks)
        for name, graph in (("words", words), ("sentences", sentences))
    ))


def votes(graph: Ranked, node: int) -> tuple[tuple[int, float], ...]:
    """What a node gets from each neighbour: its rank times its share, largest first."""
    given = graph.weights.sum(axis=1)
    got = [
        (int(j), float(graph.ranks[j] * graph.weights[j, node] / given[j]))
        for j in np.flatnonzero(graph.weights[:, node])
    ]
    return tuple(sorted(got, key=lambda vote: (-vote[1], vote[0])))


def given_to_all(graph: Ranked) -> float:
    """What every node gets from those without edges, which split their rank over all nodes."""
    alone = graph.weights.sum(axis=1) == 0
    return float(graph.ranks[alone].sum()) / len(graph.names)
