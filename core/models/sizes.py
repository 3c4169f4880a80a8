"""How large a BERT is: parameters, multiply-adds and memory from its shape alone. No torch.

Symbols: L layers, H hidden size, A heads, F inner width, V vocabulary, P positions, S segments,
n word pieces in the sequence, B sequences in a batch.

Source: Devlin et al. 2019, section 3 and appendix A; Turc et al. 2019 for the small sizes.
"""

from dataclasses import dataclass

from core.errors import BadInput

POSITIONS, SEGMENTS = 512, 2
BYTES = {"float32": 4, "float16": 2, "int8": 1}
ADAM_NUMBERS = 4  # a parameter in training: itself, its gradient, Adam's two moments


@dataclass(frozen=True)
class Shape:
    """L, A, H, F, V of a BERT. Raises `BadInput` where A does not divide H."""

    layers: int
    heads: int
    hidden: int
    inner: int
    vocabulary: int = 30_522
    positions: int = POSITIONS
    segments: int = SEGMENTS

    def __post_init__(self) -> None:
        counts = (self.layers, self.heads, self.hidden, self.inner, self.vocabulary,
                  self.positions, self.segments)
        if min(counts) < 1:
            raise BadInput("Every count of a shape must be at least 1.")
        if self.hidden % self.heads:
            raise BadInput(f"{self.heads} heads do not divide {self.hidden} dimensions evenly.")


NAMED = {
    "tiny": Shape(2, 2, 128, 512),
    "mini": Shape(4, 4, 256, 1024),
    "small": Shape(4, 8, 512, 2048),
    "medium": Shape(8, 8, 512, 2048),
    "base": Shape(12, 12, 768, 3072),
    "large": Shape(24, 16, 1024, 4096),
}
# what the paper says of its own two models, rounded by its authors (Devlin et al. 2019, section 3)
PUBLISHED = {"base": 110_000_000, "large": 340_000_000}


@dataclass(frozen=True)
class Parameters:
    """Where the parameters of a BertForPreTraining are; LayerNorm counted with its sublayer.

    embeddings : three tables and their LayerNorm; attention, ffn : of all layers together
    pooler : behind [CLS]; mlm : without the word table, which it shares; nsp : two outputs
    """

    embeddings: int
    attention: int
    ffn: int
    pooler: int
    mlm: int
    nsp: int

    @property
    def encoder(self) -> int:
        """What the library's BertModel holds: tables, layers and pooler."""
        return self.embeddings + self.attention + self.ffn + self.pooler

    @property
    def heads(self) -> int:
        """Pooler and the two pretraining heads."""
        return self.pooler + self.mlm + self.nsp

    @property
    def pretraining(self) -> int:
        """What the library's BertForPreTraining holds."""
        return self.encoder + self.mlm + self.nsp


def parameters(shape: Shape) -> Parameters:
    """Every weight and bias, counted from the shape."""
    hidden, inner = shape.hidden, shape.inner
    norm = 2 * hidden  # gamma, beta
    square = hidden * hidden + hidden  # a matrix H x H and its bias
    rows = shape.vocabulary + shape.positions + shape.segments
    return Parameters(
        embeddings=rows * hidden + norm,
        attention=shape.layers * (4 * square + norm),  # query, key, value, output
        ffn=shape.layers * (2 * hidden * inner + inner + hidden + norm),
        pooler=square,
        mlm=square + norm + shape.vocabulary,
        nsp=2 * hidden + 2,
    )


@dataclass(frozen=True)
class Work:
    """Multiply-adds of matrix products for one word piece in a sequence of n.

    projections : L * 4 H^2; pairs : L * 2 n H, scores and their mixing; ffn : L * 2 H F
    Biases, softmax, GELU and LayerNorm are left out, and the tables are only looked up.
    """

    projections: int
    pairs: int
    ffn: int

    @property
    def total(self) -> int:
        return self.projections + self.pairs + self.ffn


def work(shape: Shape, n: int) -> Work:
    """Multiply-adds a piece; only the pairs grow with n."""
    layers, hidden = shape.layers, shape.hidden
    return Work(
        projections=layers * 4 * hidden * hidden,
        pairs=layers * 2 * n * hidden,
        ffn=layers * 2 * hidden * shape.inner,
    )


def word_work(shape: Shape) -> int:
    """Multiply-adds of the MLM head for one position: H^2 + H V."""
    return shape.hidden * (shape.hidden + shape.vocabulary)


@dataclass(frozen=True)
class Memory:
    """Bytes. weights : by number format; adam : parameters, gradients and two moments, float32

    activations : what back-propagation keeps of the layers for a batch, float32
    """

    weights: dict[str, int]
    adam: int
    activations: int


def kept_numbers(shape: Shape, n: int) -> int:
    """Numbers that the layers keep for back-propagation, for one sequence without dropout.

    A layer keeps for each piece: its input, q, k, v, z, the input of either LayerNorm and the
    output of the first (8 H); the FFN before and after GELU (2 F); and the weights of each head
    (A n). What a LayerNorm keeps besides (mean and deviation) is left out.
    """
    each = 8 * shape.hidden + 2 * shape.inner + shape.heads * n
    return shape.layers * n * each


def memory(shape: Shape, n: int, batch: int) -> Memory:
    """Bytes for the encoder with its pretraining heads, for `batch` sequences of n pieces."""
    count = parameters(shape).pretraining
    return Memory(
        weights={name: size * count for name, size in BYTES.items()},
        adam=ADAM_NUMBERS * BYTES["float32"] * count,
        activations=BYTES["float32"] * batch * kept_numbers(shape, n),
    )


def counted(shape: Shape) -> tuple[int, int]:
    """Parameters of the library's BertModel and BertForPreTraining of this shape, one by one.

    Both are built on torch's "meta" device: tensors with a shape and no memory.
    """
    import torch
    from transformers import BertConfig, BertForPreTraining

    config = BertConfig(
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        hidden_size=shape.hidden, intermediate_size=shape.inner, vocab_size=shape.vocabulary,
        max_position_embeddings=shape.positions, type_vocab_size=shape.segments,
    )
    with torch.device("meta"):
        model = BertForPreTraining(config)
    return (
        sum(p.numel() for p in model.bert.parameters()), sum(p.numel() for p in model.parameters())
    )
