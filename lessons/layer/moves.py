"""How far each sublayer of every layer moves a word piece along the residual stream."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.trace.recompute import layer_norm
from lessons.layer.by_hand import weights_of
from lessons.layer.lesson import Request
from lessons.proof import Check, Proof, check

KEEP = frozenset({"embeddings", "attention_output", "after_attention", "ffn", "after_ffn"})
SUBLAYERS = ("attention", "ffn")
LOUD = 3.0  # times its own length: a push that the page speaks of


@dataclass(frozen=True)
class Moves:
    """ratio, cosine, peak : float64[2, L, n], the attention sublayer first.

    ratio : |what the sublayer adds| / |what it is added to|; cosine : between the vector
    before the sublayer and after its LayerNorm; peak : the share of the largest coordinate in
    the squared length of what is added
    """

    encoded: Encoded
    ratio: np.ndarray
    cosine: np.ndarray
    peak: np.ndarray
    proof: Proof

    def more(self, layer: int, token: int) -> str:
        """The sublayer that moves this piece more in this layer."""
        return SUBLAYERS[int(self.ratio[:, layer, token].argmax())]

    def wins(self, token: int) -> int:
        """In how many layers the FFN moves this piece more."""
        return int((self.ratio[1, :, token] > self.ratio[0, :, token]).sum())

    def farthest(self) -> tuple[int, int, int]:
        """(sublayer, layer, piece) of the largest ratio of all."""
        s, layer, token = np.unravel_index(self.ratio.argmax(), self.ratio.shape)
        return int(s), int(layer), int(token)


def run(engine: Engine, request: Request) -> Moves:
    """Follow all pieces through all layers; `request.layer` plays no part.

    Raises the errors of `Engine.trace`.
    """
    trace = engine.trace(TraceRequest(request.text, request.text_b or None, request.model, KEEP))
    assert trace.embeddings is not None
    before = trace.embeddings.normalized[0].astype(np.float64)  # (n, H)
    ratio, cosine, peak = (np.zeros((2, len(trace.layers), len(before))) for _ in range(3))
    checks: list[Check] = []
    for layer in trace.layers:
        w = weights_of(engine, request.model, layer.index)
        for s, (delta, after, norm) in enumerate((
            (layer.attention_output, layer.after_attention, w.norm_attention),
            (layer.ffn_output, layer.after_ffn, w.norm_ffn),
        )):
            assert delta is not None and after is not None
            ratio[s, layer.index] = _lengths(delta[0]) / _lengths(before)
            cosine[s, layer.index] = _cosines(before, after[0])
            peak[s, layer.index] = np.abs(delta[0]).max(-1) ** 2 / _lengths(delta[0]) ** 2
            checks.append(check(
                f"{SUBLAYERS[s]} {layer.index}", "LayerNorm(before + delta)",
                layer_norm(before + delta[0], *norm), after[0],
            ))
            before = after[0].astype(np.float64)
    return Moves(trace.encoded, ratio, cosine, peak, Proof(tuple(checks)))


def _lengths(vectors: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.linalg.norm(vectors.astype(np.float64), axis=-1)
    return found


def _cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    found: np.ndarray = (a * b).sum(-1) / (_lengths(a) * _lengths(b))
    return found
