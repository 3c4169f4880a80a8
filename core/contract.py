"""What travels between engine, lessons and pages: frozen, shaped, read-only.

Symbols: B batch (always first, 1 for a single request), n word pieces, H hidden size,
L layers, A heads, d_k = H / A, F = 4H inner width, V vocabulary size.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

MAX_PIECES = 512
MAX_CHARACTERS = 20_000

AttentionMask = Literal["bidirectional", "causal"]
Pooling = Literal["cls", "mean"]
Precision = Literal["float32", "fast"]

EMBEDDING_PARTS = frozenset({"embeddings"})
ATTENTION_PARTS = frozenset({"qkv", "scores", "weights", "context"})
LAYER_PARTS = frozenset({"attention_output", "after_attention", "ffn", "after_ffn"})
HEAD_PARTS = frozenset({"mlm", "nsp"})
ALL_PARTS = EMBEDDING_PARTS | ATTENTION_PARTS | LAYER_PARTS | HEAD_PARTS


@dataclass(frozen=True)
class ModelInfo:
    """A checkpoint's shape and where it comes from.

    id : "embedded", a hub id, or a folder; label : name to show
    layers L, heads A, hidden H, inner F, vocabulary V, max_positions, parameters : counts
    lowercase : whether its tokenizer lower-cases and strips accents
    has_mlm, has_nsp : which pretraining heads the checkpoint carries
    """

    id: str
    label: str
    layers: int
    heads: int
    hidden: int
    inner: int
    vocabulary: int
    max_positions: int
    parameters: int
    lowercase: bool
    has_mlm: bool
    has_nsp: bool

    @property
    def d_k(self) -> int:
        return self.hidden // self.heads


@dataclass(frozen=True)
class Encoded:
    """A text or pair as word pieces: [CLS] A [SEP] or [CLS] A [SEP] B [SEP].

    tokens, ids, segments : length n; segments 0 for [CLS] A [SEP], 1 for B [SEP]
    word_index : for each piece the index of its word within its own segment, None for specials
    spans : for each piece (start, end) in the characters of its own segment's text, (0, 0) for
        specials
    dropped : pieces cut off to fit the limit; kept_a, kept_b : characters of each text that
        were kept (the whole length when nothing was cut)
    """

    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    segments: tuple[int, ...]
    word_index: tuple[int | None, ...]
    spans: tuple[tuple[int, int], ...]
    dropped: int = 0
    kept_a: int = 0
    kept_b: int = 0

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Surgery:
    """What is switched off or moved in one forward pass; by default nothing. Indices from 0.

    heads_off : (layer, head) pairs whose z is set to zero before W^O; the bias of W^O stays
    layers_off : layers that x passes untouched
    attention_off, ffn_off : layers whose sublayer's output is set to zero, its bias too;
        residual and LayerNorm stay
    positions_off, segments_off : that embedding is not added; scaling_off : no 1 / sqrt(d_k)
    order : place i is given piece order[i] of the text, None for the text's own order;
        [CLS] and [SEP] keep their places, positions and segments belong to places

    Pairs and layers are kept sorted and once each, so that equal surgeries compare equal.
    Raises ValueError for what is not a whole number from 0, or an order that repeats a piece.
    """

    heads_off: tuple[tuple[int, int], ...] = ()
    layers_off: tuple[int, ...] = ()
    attention_off: tuple[int, ...] = ()
    ffn_off: tuple[int, ...] = ()
    positions_off: bool = False
    segments_off: bool = False
    scaling_off: bool = False
    order: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for layer, head in self.heads_off:
            _check_from_zero("heads_off", layer, head)
        object.__setattr__(self, "heads_off", tuple(sorted(set(self.heads_off))))
        for name in ("layers_off", "attention_off", "ffn_off"):
            layers = getattr(self, name)
            _check_from_zero(name, *layers)
            object.__setattr__(self, name, tuple(sorted(set(layers))))
        if self.order is not None and sorted(self.order) != list(range(len(self.order))):
            raise ValueError("order must name every piece from 0 once")


def _check_from_zero(name: str, *values: int) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{name} holds {value!r}; whole numbers from 0 are needed")


@dataclass(frozen=True)
class TraceRequest:
    """One forward pass and what to keep of it.

    keep : any of `ALL_PARTS`; layers : indices from 0, None for all
    input_ids : replaces the ids of the text, same length (for corrupted inputs)
    surgery : what is switched off or moved; the trace shows what then really happens
    mlm_at : the places whose masked-LM logits are wanted, None for all n
    task : the pass as that task's adapter changes it; its pretraining heads are out of place then

    Raises ValueError for a part or a mask that does not exist.
    """

    text: str
    text_b: str | None = None
    model: str = "embedded"
    keep: frozenset[str] = ALL_PARTS
    layers: tuple[int, ...] | None = None
    mask: AttentionMask = "bidirectional"
    input_ids: tuple[int, ...] | None = None
    surgery: Surgery | None = None
    mlm_at: tuple[int, ...] | None = None
    task: str | None = None

    def __post_init__(self) -> None:
        if unknown := self.keep - ALL_PARTS:
            raise ValueError(f"no such part of a trace: {', '.join(sorted(unknown))}")
        if self.mask not in get_args(AttentionMask):
            raise ValueError(f"no such attention mask: {self.mask}")


@dataclass(frozen=True)
class EmbeddingTrace:
    """The input layer, each float32[1, n, H]; `normalized` is LayerNorm(sum)."""

    token: np.ndarray
    segment: np.ndarray
    position: np.ndarray
    sum: np.ndarray
    normalized: np.ndarray


@dataclass(frozen=True)
class LayerTrace:
    """Everything inside one encoder layer, float32, None where it was not asked for.

    x : [1, n, H], the layer's input (kept with "qkv")
    q, k, v : [1, A, n, d_k]                                part "qkv"
    scores : [1, A, n, n] q.k; scaled : scores / sqrt(d_k)    part "scores"
    weights : [1, A, n, n] softmax(scaled + mask)             part "weights"
    context : [1, A, n, d_k], z = weights v                   part "context"
    attention_output : [1, n, H], W^O z + b; attention_residual : x + attention_output
                                                              part "attention_output"
    after_attention : [1, n, H], LayerNorm(attention_residual)
    ffn_inner : [1, n, F], before GELU; ffn_activation : [1, n, F], after
    ffn_output, ffn_residual : [1, n, H]                      part "ffn"
    after_ffn : [1, n, H], the layer's output = hidden_states[l + 1]
    """

    index: int
    x: np.ndarray | None = None
    q: np.ndarray | None = None
    k: np.ndarray | None = None
    v: np.ndarray | None = None
    scores: np.ndarray | None = None
    scaled: np.ndarray | None = None
    weights: np.ndarray | None = None
    context: np.ndarray | None = None
    attention_output: np.ndarray | None = None
    attention_residual: np.ndarray | None = None
    after_attention: np.ndarray | None = None
    ffn_inner: np.ndarray | None = None
    ffn_activation: np.ndarray | None = None
    ffn_output: np.ndarray | None = None
    ffn_residual: np.ndarray | None = None
    after_ffn: np.ndarray | None = None


@dataclass(frozen=True)
class Trace:
    """One forward pass, opened.

    allowed : bool[1, 1, n, n], True where a query (row) may look at a key (column)
    layers : one LayerTrace for each layer asked for, in order; `layer(i)` finds by index
    pooled : float32[1, H], tanh(W_p x_[CLS] + b_p), with "nsp"
    mlm_logits : float32[1, n, V], or the places of `mlm_at` in their order
    nsp_logits : float32[1, 2], [IsNext, NotNext]
    """

    encoded: Encoded
    info: ModelInfo
    allowed: np.ndarray
    embeddings: EmbeddingTrace | None = None
    layers: tuple[LayerTrace, ...] = field(default=())
    pooled: np.ndarray | None = None
    mlm_logits: np.ndarray | None = None
    nsp_logits: np.ndarray | None = None

    def layer(self, index: int) -> LayerTrace:
        for layer in self.layers:
            if layer.index == index:
                return layer
        raise KeyError(f"layer {index} was not kept")


@dataclass(frozen=True)
class MaskPrediction:
    """The model's words for one [MASK]: position in `Encoded`, then best first.

    logits are raw; probabilities are softmax over the whole vocabulary.
    """

    position: int
    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    probabilities: tuple[float, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True)
class MaskFill:
    """Predictions for every [MASK] of a text."""

    encoded: Encoded
    masks: tuple[MaskPrediction, ...]


@dataclass(frozen=True)
class NextSentence:
    """P(IsNext) of a pair with the two logits [IsNext, NotNext]."""

    encoded: Encoded
    is_next: float
    logits: tuple[float, float]


@dataclass(frozen=True)
class AblationRequest:
    """Which parts to switch off, one at a time, and the number to watch meanwhile.

    unit : "heads" (z set to zero) or "layers" (x passes untouched)
    position, word : the probability of vocabulary id `word` at piece `position`; both None for
        P(IsNext)
    """

    text: str
    text_b: str | None = None
    model: str = "embedded"
    unit: Literal["heads", "layers"] = "heads"
    position: int | None = None
    word: int | None = None

    def __post_init__(self) -> None:
        if self.unit not in ("heads", "layers"):
            raise ValueError(f"nothing can be switched off by {self.unit}")
        if (self.position is None) != (self.word is None):
            raise ValueError("position and word go together")


@dataclass(frozen=True)
class Ablation:
    """The watched number with each part off in turn, and with nothing off.

    probability, logit : float32[L, A] for heads, float32[L] for layers. The logit is the word's,
        or IsNext's; probability is its softmax
    intact, intact_logit : the same two numbers of the whole model
    """

    encoded: Encoded
    probability: np.ndarray
    logit: np.ndarray
    intact: float
    intact_logit: float


ATTRIBUTION_METHODS = ("gradient", "integrated", "masked", "hidden", "deleted")
BASELINES = ("masked", "zero")


@dataclass(frozen=True)
class AttributionRequest:
    """One log-probability, and how to ask what each piece has to do with it.

    position, word : log P of vocabulary id `word` at piece `position`; both None for
        log P(IsNext), which is read at [CLS]
    method : "gradient" (gradient x input of the embedding layer's output), "integrated"
        (integrated gradients of the same); or the piece left out: "masked" ([MASK] in its
        place), "hidden" (nobody may attend to it), "deleted" (the text closes up)
    baseline, steps : for "integrated": where the path starts, every piece of the text replaced
        by [MASK] or vectors of zeros, and at how many points the gradient is taken
    """

    text: str
    text_b: str | None = None
    model: str = "embedded"
    position: int | None = None
    word: int | None = None
    method: str = "gradient"
    baseline: str = "masked"
    steps: int = 32

    def __post_init__(self) -> None:
        if (self.position is None) != (self.word is None):
            raise ValueError("position and word go together")
        if self.method not in ATTRIBUTION_METHODS or self.baseline not in BASELINES:
            raise ValueError(f"nobody judges by {self.method} from {self.baseline}")


@dataclass(frozen=True)
class Attribution:
    """What each piece has to do with the log-probability.

    scores : float32[n], what the piece adds to it by the chosen method; for a piece left out,
        log P with it minus log P without it. The piece that log P is read at is never left out: 0
    log_p : log P of the text itself; start : of the baseline, None without one
    """

    encoded: Encoded
    scores: np.ndarray
    log_p: float
    start: float | None = None

    @property
    def gap(self) -> float | None:
        """By how much the scores miss log P - log P(baseline), which they should sum to."""
        if self.start is None:
            return None
        return float(self.scores.sum(dtype=np.float64)) - (self.log_p - self.start)


@dataclass(frozen=True)
class TaskRequest:
    """What a fine-tuned head is asked.

    text : the sentence; the first sentence of a pair; the question
    text_b : the second sentence of a pair; the paragraph that may hold the answer
    """

    task: str
    text: str
    text_b: str | None = None
    model: str = "embedded"


@dataclass(frozen=True)
class AnswerSpan:
    """A stretch of the paragraph as an answer.

    start, end : characters of the paragraph; first, last : pieces of the window's `Encoded`
    start_logit, end_logit : S.T_first and E.T_last; score : their sum
    probability : softmax of the score over all valid spans of all windows and "no answer"
    """

    text: str
    start: int
    end: int
    first: int
    last: int
    window: int
    start_logit: float
    end_logit: float
    score: float
    probability: float


@dataclass(frozen=True)
class SpanWindow:
    """One part of the paragraph beside the question, and the two curves over it.

    offset : where the part begins in the paragraph, in characters
    start_logits, end_logits : float32[n], S.T_i and E.T_i for every piece
    """

    encoded: Encoded
    offset: int
    start_logits: np.ndarray
    end_logits: np.ndarray


@dataclass(frozen=True)
class TaggedWord:
    """A word with its tag. piece : whose vector was read; start, end : characters of the text

    logits : one a label of the task
    """

    text: str
    start: int
    end: int
    piece: int
    tag: str
    probability: float
    logits: tuple[float, ...]


@dataclass(frozen=True)
class Entity:
    """Neighbouring words of one name; probability is the least of its words'."""

    text: str
    label: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True)
class TaskResult:
    """What a head says. Which fields are filled follows from its shape.

    labels : the head's classes in the order of its rows
    "sentence", "pair" : label, logits, probabilities = softmax(C W^T + b), C the vector of [CLS]
    "span" : spans, best first; windows; no_answer = S.C + E.C, the score of "no answer" (the
        least over the windows); answerable : whether a span scores higher than it; `encoded` is
        the window of the best span
    "tags" : words; entities where the tags are BIO
    """

    task: str
    shape: Literal["sentence", "pair", "span", "tags"]
    encoded: Encoded
    labels: tuple[str, ...]
    label: str | None = None
    logits: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()
    spans: tuple[AnswerSpan, ...] = ()
    windows: tuple[SpanWindow, ...] = ()
    no_answer: float | None = None
    answerable: bool | None = None
    words: tuple[TaggedWord, ...] = ()
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True)
class EncodingProgress:
    """How far a long list of texts is.

    texts, pieces : done so far; of_texts, of_pieces : in all, each different text once
    seconds : since the first piece
    """

    texts: int
    of_texts: int
    pieces: int
    of_pieces: int
    seconds: float

    @property
    def rate(self) -> float:
        """Pieces a second, 0 before anything is done."""
        return self.pieces / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None before anything is done. The work is in the pieces, not in the texts."""
        return (self.of_pieces - self.pieces) / self.rate if self.rate else None


@dataclass(frozen=True)
class Classification:
    """What a sentence head says of many texts.

    probabilities : float32[n, K], a column for each of `labels`
    vectors : float32[n, H] of the last layer under the task's adapter, None if not asked for
    """

    task: str
    labels: tuple[str, ...]
    probabilities: np.ndarray
    vectors: np.ndarray | None = None
