"""One coordinate of one word piece, computed at every station with its real factors."""

from dataclasses import dataclass

import numpy as np

from core import limits
from core.engine.protocol import Engine
from core.trace.recompute import LAYER_NORM_EPS, gelu
from lessons.layer import lesson
from lessons.layer.by_hand import Pair, weights_of

FIRED = 12  # inner neurons shown, the most active first
TOP = -1  # asks for the neuron that fires most


@dataclass(frozen=True)
class Request:
    """coordinate : 0 to H - 1; neuron : 0 to F - 1, or `TOP`."""

    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0
    token: int = 0
    coordinate: int = 0
    neuron: int = TOP


@dataclass(frozen=True)
class Heads:
    """a[c] as the sum of what each head writes there.

    parts : float[A], z_h . W_O[c, columns of h]; bias : b_O[c]; norms : float[A], how long the
    vector is that each head writes; looks_at, weights : the piece each head looks at most
    """

    parts: np.ndarray
    bias: float
    norms: np.ndarray
    looks_at: np.ndarray
    weights: np.ndarray

    @property
    def total(self) -> float:
        return float(self.parts.sum()) + self.bias


@dataclass(frozen=True)
class Added:
    """before[c] + delta[c]; ratio = |delta| / |before|, cosine between the two."""

    before: np.ndarray
    delta: np.ndarray
    coordinate: int

    @property
    def ratio(self) -> float:
        return float(np.linalg.norm(self.delta) / np.linalg.norm(self.before))

    @property
    def cosine(self) -> float:
        lengths = np.linalg.norm(self.before) * np.linalg.norm(self.delta)
        return float(self.before @ self.delta / lengths)

    @property
    def total(self) -> float:
        return float(self.before[self.coordinate] + self.delta[self.coordinate])


@dataclass(frozen=True)
class Norm:
    """LayerNorm of s float[H] step by step; `out` is the coordinate's result."""

    s: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    coordinate: int

    @property
    def mean(self) -> float:
        return float(self.s.mean())

    @property
    def variance(self) -> float:
        return float(self.s.var())

    @property
    def deviation(self) -> float:
        return float(np.sqrt(self.variance + LAYER_NORM_EPS))

    @property
    def normalized(self) -> np.ndarray:
        found: np.ndarray = (self.s - self.mean) / self.deviation  # (H,)
        return found

    @property
    def all_out(self) -> np.ndarray:
        return self.normalized * self.gamma + self.beta  # (H,)

    @property
    def out(self) -> float:
        return float(self.all_out[self.coordinate])


@dataclass(frozen=True)
class Neuron:
    """One inner neuron j, and those that fire most.

    products : float[H], y[d] W_1[j, d]; bias : b_1[j]; u its sum, g = GELU(u)
    along : float[n], how strongly j fires at every piece of the text
    top, fired : the `FIRED` most active neurons and their GELU(u)
    """

    index: int
    products: np.ndarray
    bias: float
    u: float
    g: float
    along: np.ndarray
    top: np.ndarray
    fired: np.ndarray


@dataclass(frozen=True)
class Down:
    """f[c] : the sum over the inner neurons, products float[F] = g[j] W_2[c, j], and a bias."""

    products: np.ndarray
    bias: float

    @property
    def total(self) -> float:
        return float(self.products.sum()) + self.bias

    @property
    def half(self) -> int:
        """How many neurons make up half of all the products' sizes."""
        sizes = np.sort(np.abs(self.products))[::-1]
        return int(np.searchsorted(np.cumsum(sizes), sizes.sum() / 2)) + 1


@dataclass(frozen=True)
class Story:
    heads: Heads
    add_attention: Added
    norm_attention: Norm
    neuron: Neuron
    down: Down
    add_ffn: Added
    norm_ffn: Norm


def run(engine: Engine, request: Request) -> Story:
    """The arithmetic behind one coordinate, in float64 from the model's float32 factors.

    Raises `OutOfRange` and the errors of `lesson.run`.
    """
    info = engine.info(request.model)
    limits.check_index("coordinate", request.coordinate, info.hidden)
    result = lesson.run(
        engine, lesson.Request(request.text, request.text_b, request.model, request.layer)
    )
    i = limits.check_index("token", request.token, len(result.encoded))
    w = weights_of(engine, request.model, request.layer)
    x, a, y, g, f = (
        result.at(name)[i].astype(np.float64)
        for name in ("input", "attention", "norm_attention", "gelu", "down")
    )
    c = request.coordinate
    return Story(
        _heads(result, i, w.output, c), Added(x, a, c), _norm(x + a, w.norm_attention, c),
        _neuron(result, i, w.up, request.neuron, info.inner),
        Down(g * w.down[0][c], float(w.down[1][c])), Added(y, f, c), _norm(y + f, w.norm_ffn, c),
    )


def _heads(result: lesson.Result, i: int, output: Pair, c: int) -> Heads:
    z = result.context[:, i].astype(np.float64)  # (A, d_k)
    columns = output[0].reshape(len(output[0]), *z.shape)  # (H, A, d_k)
    written = np.einsum("had,ad->ah", columns, z)  # (A, H), what each head writes
    rows = result.weights[:, i]  # (A, n)
    return Heads(
        written[:, c], float(output[1][c]), np.linalg.norm(written, axis=1), rows.argmax(1),
        rows.max(1),
    )


def _norm(s: np.ndarray, pair: Pair, c: int) -> Norm:
    gamma, beta = (part.astype(np.float64) for part in pair)
    return Norm(s, gamma, beta, c)


def _neuron(result: lesson.Result, i: int, up: Pair, asked: int, inner: int) -> Neuron:
    fired = result.ffn_activation[i]  # (F,)
    top = np.argsort(-fired, kind="stable")[:FIRED]
    j = int(top[0]) if asked == TOP else limits.check_index("neuron", asked, inner)
    products = result.after_attention[i].astype(np.float64) * up[0][j]  # (H,)
    u = float(products.sum()) + float(up[1][j])
    return Neuron(
        j, products, float(up[1][j]), u, float(gelu(np.array(u))), result.ffn_activation[:, j],
        top, fired[top],
    )
