"""A left-to-right Transformer made of BERT's layers: only who may look at whom is different."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TABLE = "bert.embeddings.word_embeddings.weight"
_CHUNK = 1024  # rows of the table turned to float32 at a time, so that little memory is needed


@dataclass(frozen=True)
class Shape:
    """Layers L, heads A, hidden size H, inner width, longest input in pieces, vocabulary V."""

    layers: int
    heads: int
    hidden: int
    inner: int
    positions: int
    vocabulary: int
    epsilon: float = 1e-12


class Layer(nn.Module):
    """Masked self-attention, then a feed-forward network; LayerNorm after each sum.

    Attention is written out: for heads this narrow it is also faster on a CPU than torch's
    fused kernel.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.mix = nn.Linear(shape.hidden, shape.hidden)
        self.mix_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.up = nn.Linear(shape.hidden, shape.inner)
        self.down = nn.Linear(shape.inner, shape.hidden)
        self.down_norm = nn.LayerNorm(shape.hidden, shape.epsilon)

    def forward(self, x: Tensor) -> Tensor:
        batch, n, hidden = x.shape
        split = self.qkv(x).view(batch, n, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # each (B, A, n, d_k)
        later = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(1)
        scores = query @ key.transpose(-1, -2) / sqrt(key.shape[-1])  # (B, A, n, n)
        weights = scores.masked_fill(later, -torch.inf).softmax(-1)
        context = (weights.to(value.dtype) @ value).transpose(1, 2).reshape(batch, n, hidden)
        x = self.mix_norm(x + self.mix(context))  # (B, n, H)
        return self.down_norm(x + self.down(F.gelu(self.up(x))))


class CausalTransformer(nn.Module):
    """P(next piece | the pieces before it), with a word-embedding table that is not trained.

    table : float16[V, H] or float32[V, H], the input embeddings and the output matrix in one

    Source: Radford et al. 2018, section 3.1 (objective); Devlin et al. 2019 (layers).
    """

    def __init__(self, shape: Shape, table: Tensor) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("table", table, persistent=False)
        self.position = nn.Parameter(torch.empty(shape.positions, shape.hidden))
        self.embedding_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.transform = nn.Linear(shape.hidden, shape.hidden)
        self.transform_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))

    def states(self, ids: Tensor) -> list[Tensor]:
        """L + 1 tensors float[B, n, H]: the embeddings and each layer's output."""
        words = F.embedding(ids, self.table).float()
        x = self.embedding_norm(words + self.position[: ids.shape[1]])
        found = [x]
        for layer in self.layers:
            found.append(layer(found[-1]))
        return found

    def expected(self, hidden: Tensor) -> Tensor:
        """From last-layer vectors [M, H] to vectors [M, H] that look like the next embedding."""
        found: Tensor = self.transform_norm(F.gelu(self.transform(hidden)))
        return found

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores float[M, V] of the piece that follows each of M last-layer vectors [M, H]."""
        h = self.expected(hidden).float()
        scores = [F.linear(h, rows.float()) for rows in self.table.split(_CHUNK)]
        return torch.cat(scores, dim=-1).add_(self.bias)


_IN_LAYER = {
    "mix": "attention.output.dense",
    "mix_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "down_norm": "output.LayerNorm",
}
_HEAD = "cls.predictions"


def weights_of_bert(bert: Mapping[str, Tensor], shape: Shape) -> dict[str, Tensor]:
    """The weights to start from: a BERT's, by the names they have here, in float32.

    Every piece of text is of segment A, so that segment's embedding joins the positions.
    """
    embeddings = "bert.embeddings"
    position = bert[f"{embeddings}.position_embeddings.weight"][: shape.positions].float()
    start = {
        "position": position + bert[f"{embeddings}.token_type_embeddings.weight"][0].float(),
        "bias": bert[f"{_HEAD}.bias"],
    }
    renamed = {
        "embedding_norm": f"{embeddings}.LayerNorm",
        "transform": f"{_HEAD}.transform.dense",
        "transform_norm": f"{_HEAD}.transform.LayerNorm",
    }
    for index in range(shape.layers):
        theirs = f"bert.encoder.layer.{index}"
        renamed |= {f"layers.{index}.{ours}": f"{theirs}.{b}" for ours, b in _IN_LAYER.items()}
        for kind in ("weight", "bias"):
            parts = [bert[f"{theirs}.attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
            start[f"layers.{index}.qkv.{kind}"] = torch.cat(parts)
    for ours, b in renamed.items():
        for kind in ("weight", "bias"):
            start[f"{ours}.{kind}"] = bert[f"{b}.{kind}"]
    return {name: weight.detach().float().clone() for name, weight in start.items()}
