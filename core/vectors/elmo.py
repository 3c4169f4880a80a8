"""ELMo: a vector for a word in its sentence, from a forward and a backward language model.

Source: Peters et al. 2018, "Deep contextualized word representations".
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import EmptyText, ModelUnavailable
from core.limits import check_index
from core.models.registry import ASSETS
from core.vectors.cells import Weights, lstm
from core.vectors.words import Vocabulary

if TYPE_CHECKING:
    import torch

    from core.vectors.bilm import BiLM

FOLDER = ASSETS / "vectors"
WEIGHTS, FACTS, WORDS = "elmo.safetensors", "elmo.json", "words.txt"
LABEL = "ELMo"
_LOCK = threading.Lock()
_ROWS = 64  # positions scored at once, so that a long text needs no more memory than a short one
Ranked = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Filled:
    """The most likely words for a gap, best first.

    forward : P(word | words left of the gap)
    backward : P(word | words right of the gap)
    both : P(word | both sides), proportional to forward * backward / P(word): Bayes' rule for
        sides that know of each other only through the word
    """

    forward: Ranked
    backward: Ranked
    both: Ranked


@dataclass(frozen=True)
class Cells:
    """What one LSTM did at each of n words; row t belongs to words[t] in every direction.

    A backward LSTM reads the last row first. Hochreiter and Schmidhuber 1997, Gers et al. 2000:

        i, f, o = sigmoid(W x + U h' + b)     g = tanh(W x + U h' + b)
        c = f c' + i g                        h = P (o tanh c)

    input, forget, output : float32[n, hidden], the gates i, f, o, between 0 and 1
    candidate : float32[n, hidden], g, between -1 and 1
    cell : float32[n, hidden], c
    hidden : float32[n, projection], h, before the residual of the second layer
    """

    words: tuple[str, ...]
    direction: str
    layer: int
    input: np.ndarray
    forget: np.ndarray
    candidate: np.ndarray
    output: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray


def load() -> "Elmo":
    """The model of this process, read once however many ask. Raises `ModelUnavailable`."""
    with _LOCK:
        return read(FOLDER)


@cache
def read(folder: Path) -> "Elmo":
    """The model stored in `folder` beside its list of words; see `load`."""
    for name in (WEIGHTS, FACTS, WORDS):
        if not (folder / name).is_file():
            raise ModelUnavailable.missing(LABEL, name)
    try:
        from safetensors.torch import load_file

        from core.vectors.bilm import BiLM, Shape

        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        vocabulary = Vocabulary.load(folder / WORDS)
        if facts["words_sha256"] != words_sha256(vocabulary.words):
            raise ModelUnavailable(
                LABEL, f"it was trained with another {WORDS}.", "other_words", file=WORDS
            )
        module = BiLM(Shape(**facts["shape"]))
        module.load_state_dict(load_file(folder / WEIGHTS))  # becomes float32 on the way
    except ModelUnavailable:
        raise
    except Exception as error:  # safetensors, json and torch each have their own for "damaged"
        raise ModelUnavailable(LABEL, "its files are damaged.", "files") from error
    return Elmo(module.eval().requires_grad_(False), vocabulary, facts)


def words_sha256(words: Sequence[str]) -> str:
    """The SHA-256 of the words, one a line, in their order."""
    return hashlib.sha256("\n".join(words).encode("utf-8")).hexdigest()


def mix(states: np.ndarray, weights: Sequence[float], gamma: float = 1.0) -> np.ndarray:
    """One vector a word: gamma * sum_j softmax(weights)_j * states_j.

    Source: Peters et al. 2018, equation 1.

    Parameters
    ----------
    states : float32[layers, n, D]
    weights : one number a layer, before the softmax

    Returns
    -------
    float32[n, D]
    """
    shifted = np.exp(np.asarray(weights, dtype=np.float64) - np.max(weights))
    share = (shifted / shifted.sum()).astype(np.float32)  # (layers,)
    return np.float32(gamma) * np.einsum("l,lnd->nd", share, states)


class Elmo:
    """The biLM with its words; safe from any thread.

    vocabulary : the V words of the softmax; its last row, after them, stands for all others
    facts : what elmo.json says: shape, training, evaluation
    """

    mix = staticmethod(mix)

    def __init__(self, module: "BiLM", vocabulary: Vocabulary, facts: dict[str, Any]) -> None:
        self.module = module
        self.vocabulary = vocabulary
        self.facts = facts
        counts = np.maximum(vocabulary.counts, 1).astype(np.float64)
        self._log_prior = np.log(counts / counts.sum()).astype(np.float32)  # (V,)

    def states(self, words: Sequence[str]) -> np.ndarray:
        """The biLM's three layers for each word, float32[3, n, D].

        Layer 0 is the character encoder's vector, twice so that all layers are equally wide;
        in layers 1 and 2 the first half is the forward LSTM's state after the word, the second
        half the backward one's. Raises `EmptyText` for no words.
        """
        import torch

        with torch.inference_mode():
            forward, backward = self._run(words)
            halves = [(torch.stack(d)[:, 1:]) for d in (forward, backward)]  # (3, n, D / 2)
            return torch.cat([halves[0], halves[1].flip(1)], dim=2).numpy()

    def log_probabilities(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """log P(word | words before) and log P(word | words after), natural logarithms.

        A word outside the vocabulary has the probability of all such words together.

        Returns
        -------
        forward, backward : float32[n]
        """
        import torch

        rows = (self.vocabulary.index(word.lower()) for word in words)
        gold = torch.tensor([len(self.vocabulary) if row is None else row for row in rows])
        with torch.inference_mode():
            forward, backward = self._run(words)
            return (
                self._score(forward[-1][:-1], gold).numpy(),
                self._score(backward[-1][:-1], gold.flip(0)).flip(0).numpy(),
            )

    def fill(self, left: Sequence[str], right: Sequence[str], k: int = 10) -> Filled:
        """The k likeliest words for the gap between two runs of words; either may be empty."""
        import torch

        with torch.inference_mode():
            known = slice(len(self.vocabulary))  # all but the row of unknown words
            before = self._next("forward", left)[known]
            after = self._next("backward", list(reversed(right)))[known]
            both = (before + after - torch.from_numpy(self._log_prior)).log_softmax(-1)
            return Filled(*(self._best(scores, k) for scores in (before, after, both)))

    def cells(self, words: Sequence[str], direction: str, layer: int) -> Cells:
        """Gates, cell and hidden state of one LSTM at every word, computed step by step.

        Parameters
        ----------
        direction : "forward" or "backward"
        layer : 1 or 2

        Raises `EmptyText`; `OutOfRange` for another layer.
        """
        import torch

        check_index("layer", layer - 1, self.module.shape.layers)
        with torch.inference_mode():
            inputs = self._read(direction, words)[layer - 1].numpy()  # (n + 1, projection)
        trained = self.module.lstms(direction)[layer - 1].state_dict()
        steps = lstm(inputs, Weights.of({name: w.numpy() for name, w in trained.items()}))
        text = slice(1, None) if direction == "forward" else slice(None, 0, -1)
        i, f, g, o, c, h = (p[text] for p in (steps.i, steps.f, steps.g, steps.o, steps.c, steps.h))
        return Cells(tuple(words), direction, layer, i, f, g, o, c, h)

    def _run(self, words: Sequence[str]) -> "list[list[torch.Tensor]]":
        return [self._read(direction, words) for direction in ("forward", "backward")]

    def _read(self, direction: str, words: Sequence[str]) -> "list[torch.Tensor]":
        """Encoded words and the LSTMs' states in reading order, each (n + 1, projection)."""
        if not words:
            raise EmptyText
        order = words if direction == "forward" else list(reversed(words))
        return self._states(direction, order)

    def _states(self, direction: str, order: Sequence[str]) -> "list[torch.Tensor]":
        import torch

        from core.vectors.bilm import DIRECTIONS, spell, text_marks

        mark = text_marks()[DIRECTIONS.index(direction)]
        letters = np.vstack([mark, spell([word.lower() for word in order])])
        encoded = self.module.encoder(torch.from_numpy(letters).long())  # (n + 1, projection)
        layers = self.module.layers(direction, encoded[:, None])
        return [encoded, *(states[:, 0] for states in layers)]

    def _next(self, direction: str, order: Sequence[str]) -> "torch.Tensor":
        """log P of every word after those read, float32[V + 1]."""
        return self.module.softmax(self._states(direction, order)[-1][-1]).log_softmax(-1)

    def _score(self, states: "torch.Tensor", gold: "torch.Tensor") -> "torch.Tensor":
        import torch

        found = []
        for rows, right in zip(states.split(_ROWS), gold.split(_ROWS), strict=True):
            scores = self.module.softmax(rows)  # (m, V + 1)
            found.append(scores.gather(1, right[:, None])[:, 0] - scores.logsumexp(-1))
        return torch.cat(found)

    def _best(self, scores: "torch.Tensor", k: int) -> Ranked:
        best = scores.topk(min(k, len(scores)))
        names = (self.vocabulary.words[i] for i in best.indices.tolist())
        return tuple(zip(names, best.values.exp().tolist(), strict=True))
