"""A sentence on its way through all layers: where its pieces go, how alike the layers are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, Trace, TraceRequest
from core.engine.protocol import Engine
from lessons.compare.states import layers_of
from lessons.proof import Proof
from lessons.stack import reach as reaching
from lessons.stack import similarity
from lessons.stack.plane import VIEWS, Shadow, shadow
from lessons.stack.reach import Reach
from lessons.text import Preset

KEEP = frozenset({"embeddings", "after_ffn", "weights", "mlm"})  # one pass for the whole page
MASK = "[MASK]"


@dataclass(frozen=True)
class Request:
    """text_b : another sentence, read by itself and not as a pair; "" for none."""

    text: str
    text_b: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """Layer 0 is the input, LayerNorm(token + segment + position); layer l the l-th output.

    encoded, cosines : for each sentence; cosines float64[n, L + 1, L + 1], a piece with itself
    shadows : by `VIEWS`; the rest is of the first sentence
    lengths : float32[L + 1], mean length of a layer's vectors
    mean_cosine : over all pieces; cka; different : two different pieces, what a cosine is worth;
    each float64[L + 1, L + 1]
    nearest, nearest_cosine : [L + 1, n], the other piece with the largest cosine, in H dimensions
    reach : all pieces; plain_reach : without [CLS] and [SEP], None where fewer than two are left
    on_specials : float64[L, A], share of the weights that lies on [CLS] and [SEP]
    """

    encoded: tuple[Encoded, ...]
    shadows: dict[str, Shadow]
    lengths: np.ndarray
    cosines: tuple[np.ndarray, ...]
    mean_cosine: np.ndarray
    cka: np.ndarray
    different: np.ndarray
    nearest: np.ndarray
    nearest_cosine: np.ndarray
    reach: Reach
    plain_reach: Reach | None
    on_specials: np.ndarray
    proof: Proof

    @property
    def layers(self) -> int:
        """L: there is one layer more, the input."""
        return len(self.cka) - 1

    def measure(self, name: str, position: int) -> np.ndarray:
        """One of `similarity.MEASURES` as a matrix."""
        if name == "token":
            return np.asarray(self.cosines[0][position])
        return {"mean": self.mean_cosine, "cka": self.cka, "different": self.different}[name]


def traced(engine: Engine, text: str, model: str) -> Trace:
    """The forward pass behind everything on the page."""
    return engine.trace(TraceRequest(text, None, model, KEEP))


def run(engine: Engine, request: Request) -> Result:
    """Follow every piece of one sentence, or of two read apart.

    Raises the errors of `Engine.trace`.
    """
    texts = [request.text, *([request.text_b] if request.text_b.strip() else [])]
    traces = [traced(engine, text, request.model) for text in texts]
    states = [layers_of(trace) for trace in traces]  # (L + 1, n, H) each
    shadows = {view: shadow(states, view) for view in VIEWS}
    unit = [similarity.units(s) for s in states]
    cosines = tuple(similarity.cosines(u) for u in unit)
    alike = similarity.cka(states[0])
    different = similarity.different(unit[0])
    weights = [np.asarray(layer.weights)[0] for layer in traces[0].layers]  # (A, n, n) each
    plain, special = places_of(traces[0].encoded)
    everywhere = reaching.reach(weights, np.arange(len(traces[0].encoded)))
    checks = (
        *(proof for _, proof in shadows.values()),
        *similarity.checks(states[0], unit[0],
                           {"token": cosines[0], "cka": alike, "different": different}),
        *reaching.checks(weights, everywhere),
    )
    return Result(
        tuple(trace.encoded for trace in traces),
        {view: drawn for view, (drawn, _) in shadows.items()},
        np.linalg.norm(states[0], axis=-1).mean(axis=1),
        cosines, cosines[0].mean(axis=0), alike, different,
        *similarity.nearest(unit[0]), everywhere,
        reaching.reach(weights, plain) if len(plain) > 1 else None,
        reaching.on(weights, special), Proof(checks),
    )


def places_of(encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
    """Where the ordinary pieces stand, and where [CLS] and [SEP] do."""
    special = np.array([span == (0, 0) for span in encoded.spans])
    return np.flatnonzero(~special), np.flatnonzero(special)


def first_choice(encoded: Encoded) -> int:
    """The piece to follow when none is chosen: the first [MASK], else the first word."""
    if MASK in encoded.tokens:
        return encoded.tokens.index(MASK)
    plain, _ = places_of(encoded)
    return int(plain[0]) if len(plain) else 0


def same_piece(result: Result, position: int) -> int | None:
    """Where the second sentence has the chosen piece of the first; None where it has not."""
    if len(result.encoded) < 2:
        return None
    piece, others = result.encoded[0].tokens[position], result.encoded[1].tokens
    return others.index(piece) if piece in others else None


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, points and cosines of the first sentence; layers' likeness; heads' reach."""
    return {
        "tokens": list(result.encoded[0].tokens),
        "points": {name: s.points[0].tolist() for name, s in result.shadows.items()},
        "shares": {name: list(s.shares) for name, s in result.shadows.items()},
        "lengths": result.lengths.tolist(),
        "cosines": result.cosines[0].tolist(),
        "mean_cosine": result.mean_cosine.tolist(),
        "cka": result.cka.tolist(),
        "different": result.different.tolist(),
        "distance": result.reach.distance.tolist(),
        "entropy": result.reach.entropy.tolist(),
        "on_specials": result.on_specials.tolist(),
    }
