"""A recurrent cell opened up: every gate and state, word by word, for a handful of units."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import TraceRequest
from core.engine.protocol import Engine
from core.models.registry import EMBEDDED
from core.vectors import elmo
from core.vectors.cells import LstmSteps, Weights, lstm, rnn
from lessons.proof import Check, Proof, check
from lessons.recurrent.gradient import (
    attention_norms,
    cells_before,
    lstm_jacobians,
    norms,
    rnn_jacobians,
)
from lessons.recurrent.small import Attention, Progress, Small, words_of
from lessons.recurrent.small import Request as SmallRequest
from lessons.recurrent.small import run as train
from lessons.text import Preset

HANDFUL = 8
LSTM_BANDS = ("i", "f", "g", "o", "c", "h")
RNN_BANDS = ("Wx", "Uh", "h")


@dataclass(frozen=True)
class Request:
    """Which of ELMo's LSTMs to open: direction "forward" or "backward", layer 1 or 2."""

    text: str
    direction: str = "forward"
    layer: int = 1


@dataclass(frozen=True)
class BertRequest:
    """Which self-attention layer of BERT to follow back, from 0."""

    text: str
    model: str = EMBEDDED
    layer: int = 0


@dataclass(frozen=True)
class Opened:
    """One cell over n words. D hidden units.

    bands : by name float32[n, D]; of an LSTM i, f, g, o, c and h = o tanh(c), of an RNN W x + b,
        U h', and h = tanh of their sum
    before : float32[n, D], the state that each word found: c' of an LSTM, h' of an RNN
    units : the handful whose state swings most over the sentence
    reach : float[n], norm of d h_last / d x_k over its norm at the word read last; in the order
        of the words
    """

    net: str
    words: tuple[str, ...]
    dropped: int
    bands: dict[str, np.ndarray]
    before: np.ndarray
    units: tuple[int, ...]
    reach: np.ndarray
    proof: Proof

    @property
    def size(self) -> int:
        return self.before.shape[1]


@dataclass(frozen=True)
class Networks:
    """The small networks, opened; attention : float[n], its reach as in `Opened`."""

    small: Small
    rnn: Opened
    lstm: Opened
    attention: np.ndarray


@dataclass(frozen=True)
class Story:
    """One unit at one word: its band's values by name, and the state it found."""

    unit: int
    word: str
    before: float
    values: dict[str, float]


def run(engine: object, request: Request) -> Opened:
    """One of ELMo's trained LSTMs on the learner's words.

    Raises `TooFewWords`, `ModelUnavailable`, `OutOfRange` for another layer.
    """
    words, dropped = words_of(request.text)
    model = elmo.load()
    done = model.cells(words, request.direction, request.layer)
    steps = LstmSteps(done.input, done.forget, done.candidate, done.output, done.cell, done.hidden)
    trained = model.module.lstms(request.direction)[request.layer - 1].state_dict()
    weights = Weights.of({name: w.numpy() for name, w in trained.items()})
    assert weights.weight_hr is not None
    order = slice(None) if request.direction == "forward" else slice(None, None, -1)
    out = steps.o * np.tanh(steps.c)  # (n, hidden)
    proof = check("h", "P (o tanh c), gate by gate in NumPy", out @ weights.weight_hr.T,
                  _states_of_torch(model, request, words))
    return _opened_lstm("elmo", words, dropped, _each(steps, order), weights, order, (proof,))


def _states_of_torch(
    model: elmo.Elmo, request: Request, words: tuple[str, ...]
) -> np.ndarray:
    """What the model's own LSTM gives out, float32[n, P]: the second adds it to the first's."""
    layers = model.states(words)  # (3, n, 2 P)
    half = layers.shape[2] // 2
    own = slice(half) if request.direction == "forward" else slice(half, None)
    below = layers[1] if request.layer == 2 else 0.0
    return (layers[request.layer] - below)[:, own]


def networks(
    engine: object, request: SmallRequest, progress: Progress = lambda _: None
) -> Networks:
    """The three small networks trained and opened. Raises `TooFewWords`, `Busy`."""
    small = train(engine, request, progress)
    return Networks(small, opened_rnn(small), opened_lstm(small), attention_reach(small))


def opened_lstm(small: Small) -> Opened:
    """The small LSTM trained in sight; its states come from NumPy and are held to torch's."""
    steps = lstm(small.x[1], small.lstm)
    proof = (check("h", "o tanh(c), gate by gate in NumPy", steps.h, small.states[1]),)
    return _opened_lstm("lstm", small.words, small.dropped, steps, small.lstm, slice(None), proof)


def opened_rnn(small: Small) -> Opened:
    """The small RNN trained in sight; its states come from NumPy and are held to torch's."""
    x, w = small.x[0], small.rnn
    h = rnn(x, w).h  # (n, D)
    before = np.vstack([np.zeros_like(h[:1]), h[:-1]])  # (n, D)
    into = x @ w.weight_ih.T + w.bias_ih + w.bias_hh  # (n, D)
    back = before @ w.weight_hh.T  # (n, D)
    proof = Proof((
        check("h", "tanh(W x + U h' + b)", np.tanh(into + back), small.states[0]),
    ))
    reach = _relative(norms(rnn_jacobians(x, w)))
    return Opened("rnn", small.words, small.dropped, {"Wx": into, "Uh": back, "h": h}, before,
                  handful(h), reach, proof)


def attention_reach(small: Small) -> np.ndarray:
    """The same for the small self-attention layer, float[n]."""
    x, w = small.x[2], small.attention
    last = len(x) - 1
    return _relative(
        attention_norms(w.query @ x[last], x @ w.key.T, x @ w.value.T, last, w)
    )


def bert_reach(engine: Engine, request: BertRequest) -> np.ndarray:
    """The same for a self-attention layer of BERT, all its heads together; float[m] for m pieces.

    From the last piece of the text back to its first; [CLS] and [SEP] are looked at too but are
    no part of the text. Raises the errors of `Engine.trace`.
    """
    layer = request.layer
    trace = engine.trace(TraceRequest(
        request.text, None, request.model, frozenset({"qkv"}), (layer,)
    ))
    inside = trace.layer(layer)
    q, k, v = (np.asarray(part)[0] for part in (inside.q, inside.k, inside.v))  # (A, n, d_k)
    stem = f"bert.encoder.layer.{layer}.attention.self"
    full = (engine.parameter(request.model, f"{stem}.{p}.weight") for p in
            ("query", "key", "value"))
    heads = zip(*(np.split(weight, len(q)) for weight in full), strict=True)  # A x [d_k, H]
    last = len(trace.encoded) - 2  # before [SEP]
    squares = [
        attention_norms(q[a, last], k[a], v[a], last, Attention(*head)) ** 2
        for a, head in enumerate(heads)
    ]
    return _relative(np.sqrt(np.sum(squares, axis=0))[1 : last + 1])


def _opened_lstm(
    net: str, words: tuple[str, ...], dropped: int, steps: LstmSteps, weights: Weights,
    order: slice, proof: tuple[Check, ...] = (),
) -> Opened:
    """steps : in reading order; order : from reading order to the order of the words."""
    before = cells_before(steps)
    again = steps.f * before + steps.i * steps.g
    out = steps.o * np.tanh(steps.c)  # (n, D)
    checks = (*proof, check("c", "f c' + i g", again[1:], steps.c[1:]))
    reach = _relative(norms(lstm_jacobians(steps, weights)))
    bands = dict(zip(LSTM_BANDS, (steps.i, steps.f, steps.g, steps.o, steps.c, out), strict=True))
    return Opened(
        net, words, dropped, {name: band[order] for name, band in bands.items()}, before[order],
        handful(steps.c), reach[order], Proof(checks),
    )


def _each(steps: LstmSteps, order: slice) -> LstmSteps:
    return LstmSteps(*(getattr(steps, part)[order] for part in LSTM_BANDS))


def _relative(values: np.ndarray) -> np.ndarray:
    """Over the value at the word read last; all 0 where that one is 0."""
    return values / values[-1] if values[-1] > 0 else np.zeros_like(values)


def handful(states: np.ndarray) -> tuple[int, ...]:
    """The units whose state varies most over the words, in the order of their numbers."""
    most = np.argsort(-states.std(axis=0), kind="stable")[:HANDFUL]
    return tuple(sorted(int(unit) for unit in most))


def follow(opened: Opened, k: int, unit: int) -> Story:
    """One unit at word k."""
    values = {name: float(band[k, unit]) for name, band in opened.bands.items()}
    return Story(unit, opened.words[k], float(opened.before[k, unit]), values)


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text)


def to_json(opened: Opened) -> dict[str, Any]:
    """words, units, and each band of the chosen units (n x units), reach."""
    return {
        "net": opened.net,
        "words": list(opened.words),
        "units": list(opened.units),
        **{name: band[:, list(opened.units)].tolist() for name, band in opened.bands.items()},
        "reach": opened.reach.tolist(),
    }
