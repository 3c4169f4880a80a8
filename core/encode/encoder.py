"""BERT for vectors alone: the texts of a slice one behind the other, without any padding.

Every map of the encoder but attention treats each piece by itself, so all pieces of all texts
stand in one matrix [p, H]. Attention runs over the texts of equal length, which lie side by
side because a slice is sorted: no mask, and no piece that is not in a text. A task's adapter is
merged into the weights, W + U D, and the heads for pretraining are left out.

Source: Devlin et al. 2019, section 3; Hu et al. 2021, section 4.1 (merging).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertForPreTraining

from core.contract import ModelInfo, Pooling
from core.encode.linear import Linear
from core.encode.pieces import Slice
from core.tasks.adapter import Adapter
from core.tasks.view import Adapted, adapted


class Answer:
    """The vectors of a slice. On a GPU they may still be on their way while the next is asked."""

    def __init__(self, vectors: Tensor) -> None:
        self._arrived: torch.cuda.Event | None = None
        self._vectors = vectors
        if vectors.device.type == "cuda":
            self._vectors = torch.empty(vectors.shape, dtype=vectors.dtype, pin_memory=True)
            self._vectors.copy_(vectors, non_blocking=True)
            self._arrived = torch.cuda.Event()
            self._arrived.record()

    def numpy(self) -> np.ndarray:
        """float32[poolings, b, H]; waits for the device."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return self._vectors.cpu().numpy()


class Norm:
    """LayerNorm in a dtype of choice."""

    def __init__(self, norm: nn.LayerNorm, dtype: torch.dtype) -> None:
        self._shape, self._eps = norm.normalized_shape, norm.eps
        self._weight, self._bias = norm.weight.to(dtype), norm.bias.to(dtype)

    def __call__(self, x: Tensor) -> Tensor:  # (p, H)
        return F.layer_norm(x, self._shape, self._weight, self._bias, self._eps)


@dataclass(frozen=True)
class Layer:
    """An encoder layer's maps; query, key and value are one."""

    qkv: Linear
    attention: Linear
    after_attention: Norm
    inner: Linear
    output: Linear
    after_ffn: Norm

    @classmethod
    def of(cls, layer: nn.Module, dtype: torch.dtype) -> "Layer":
        own = layer.attention.self
        return cls(
            _joined([own.query, own.key, own.value], dtype),
            _joined([layer.attention.output.dense], dtype),
            Norm(layer.attention.output.LayerNorm, dtype),
            _joined([layer.intermediate.dense], dtype),
            _joined([layer.output.dense], dtype),
            Norm(layer.output.LayerNorm, dtype),
        )


def _joined(maps: Sequence[nn.Module], dtype: torch.dtype) -> Linear:
    """Several maps of the same x as one, with what an adapter adds to them."""
    weights = [m.weight + m.up @ m.down if isinstance(m, Adapted) else m.weight for m in maps]
    return Linear(torch.cat(weights).to(dtype), torch.cat([m.bias for m in maps]).to(dtype))


class Encoder:
    """A model's encoder, through a task's adapter or as it is; safe from any thread.

    dtype : of the layers; the embeddings and the vectors that come out are float32
    """

    @torch.inference_mode()
    def __init__(
        self,
        model: BertForPreTraining,
        info: ModelInfo,
        *,
        adapter: Adapter | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        seen = model if adapter is None else adapted(model, adapter)
        self.dtype, self.device = dtype, model.device
        self._heads, self._d_k = info.heads, info.d_k
        table = seen.bert.embeddings
        self._words, self._norm = table.word_embeddings, table.LayerNorm
        self._places = table.position_embeddings.weight + table.token_type_embeddings.weight[0]
        self._layers = [Layer.of(layer, dtype) for layer in seen.bert.encoder.layer]

    @torch.inference_mode()
    def start(self, some: Slice, layer: int, poolings: Sequence[Pooling]) -> Answer:
        """Vectors of every text from hidden_states[layer], 0 <= layer <= L, for each pooling."""
        x = self._states(some, layer)  # (p, H)
        found = torch.empty((len(poolings), len(some.texts), x.shape[1]), device=self.device)
        text = piece = 0
        for count, n in some.runs:
            states = x[piece : piece + count * n].unflatten(0, (count, n))  # (b, n, H)
            for row, pooling in enumerate(poolings):
                found[row, text : text + count] = _pooled(states, pooling)  # (b, H)
            text, piece = text + count, piece + count * n
        return Answer(found)

    def _states(self, some: Slice, layer: int) -> Tensor:
        x = self._embedded(some)  # (p, H)
        for one in self._layers[:layer]:
            context = self._attended(one.qkv(x), some.runs)  # (p, H)
            x = one.after_attention(one.attention.plus(context, x))  # (p, H)
            x = one.after_ffn(one.output.plus(one.inner.gelu(x), x))  # (p, H)
        return x

    def _embedded(self, some: Slice) -> Tensor:
        """LayerNorm(token + segment 0 + position), as (p, H)."""
        ids = torch.from_numpy(some.ids)
        if self.device.type == "cuda":
            ids = ids.pin_memory()
        x = self._words(ids.to(self.device, non_blocking=True))  # (p, H)
        piece = 0
        for count, n in some.runs:
            x[piece : piece + count * n].unflatten(0, (count, n)).add_(self._places[:n])
            piece += count * n
        return self._norm(x).to(self.dtype)

    def _attended(self, qkv: Tensor, runs: Sequence[tuple[int, int]]) -> Tensor:
        """softmax(q k^T / sqrt(d_k)) v within each text: (p, 3H) to (p, H)."""
        heads, d_k = self._heads, self._d_k
        context = qkv.new_empty((qkv.shape[0], heads * d_k))
        piece = 0
        for count, n in runs:
            own = slice(piece, piece + count * n)
            split = qkv[own].view(count, n, 3, heads, d_k).permute(2, 0, 3, 1, 4)
            z = F.scaled_dot_product_attention(*split)  # (b, A, n, d_k)
            context[own].view(count, n, heads, d_k).copy_(z.transpose(1, 2))
            piece += count * n
        return context


def _pooled(states: Tensor, pooling: Pooling) -> Tensor:
    """(b, n, H) to float32 (b, H): [CLS], or the mean of what lies between [CLS] and [SEP]."""
    if pooling == "cls":
        return states[:, 0].float()
    own = states[:, 1:-1] if states.shape[1] > 2 else states
    return own.float().mean(dim=1)
