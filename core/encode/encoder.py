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

SCORES = 2**19  # of attention, taken at once: they stay in a core's cache


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
        cls_alone = layer > 0 and set(poolings) == {"cls"}
        x = self._states(some, layer, cls_alone)  # (p, H), or (b, H)
        found = torch.empty((len(poolings), len(some.texts), x.shape[1]), device=self.device)
        text = piece = 0
        for count, n in some.runs:
            n = 1 if cls_alone else n
            states = x[piece : piece + count * n].unflatten(0, (count, n))  # (b, n, H)
            for row, pooling in enumerate(poolings):
                found[row, text : text + count] = _pooled(states, pooling)  # (b, H)
            text, piece = text + count, piece + count * n
        return Answer(found)

    def _states(self, some: Slice, layer: int, cls_alone: bool) -> Tensor:
        """hidden_states[layer] of all pieces, (p, H), or of every text's [CLS], (b, H).

        For [CLS] alone the last layer needs the keys and values of all pieces, and no more.
        """
        x = self._embedded(some)  # (p, H)
        for index, one in enumerate(self._layers[:layer]):
            first = cls_alone and index == layer - 1
            context = self._attended(one.qkv(x), some.runs, first)  # (p or b, H)
            x = x[_places_of_cls(some.runs, self.device)] if first else x
            x = one.after_attention(one.attention.plus(context, x))  # (p or b, H)
            x = one.after_ffn(one.output.plus(one.inner.gelu(x), x))  # (p or b, H)
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

    def _attended(self, qkv: Tensor, runs: Sequence[tuple[int, int]], first: bool) -> Tensor:
        """softmax(q k^T / sqrt(d_k)) v within each text, (p, 3H) to (p, H).

        first : for the first piece of each text alone, to (b, H)
        """
        heads, d_k = self._heads, self._d_k
        rows = sum(count for count, _ in runs) if first else qkv.shape[0]
        context = qkv.new_empty((rows, heads * d_k))
        row = piece = 0
        for count, n in runs:
            asking = 1 if first else n
            own = qkv[piece : piece + count * n].view(count, n, 3, heads, d_k)
            q, k, v = own.permute(2, 0, 3, 1, 4)  # (b, A, n, d_k) each
            z = attention(q[:, :, :asking], k, v)  # (b, A, asking, d_k)
            place = context[row : row + count * asking]
            place.view(count, asking, heads, d_k).copy_(z.transpose(1, 2))
            row, piece = row + count * asking, piece + count * n
        return context


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(d_k)) v, all (b, A, n, d_k), q perhaps with fewer pieces.

    torch's fused kernel; but on a CPU it is slow in bfloat16, where the plain products are fast.
    """
    if q.device.type != "cpu" or q.dtype == torch.float32:
        return F.scaled_dot_product_attention(q, k, v)
    b, heads, asking, d_k = q.shape
    q, k, v = (part.flatten(0, 1) for part in (q, k, v))  # (b A, n, d_k)
    z = torch.empty_like(q)
    step = max(1, SCORES // (asking * k.shape[1]))
    for first in range(0, b * heads, step):
        some = slice(first, first + step)
        scores = torch.bmm(q[some], k[some].transpose(1, 2)).float()  # (step, asking, n)
        weights = scores.mul_(d_k**-0.5).softmax(-1).to(v.dtype)  # bfloat16's softmax is slow
        torch.bmm(weights, v[some], out=z[some])
    return z.unflatten(0, (b, heads))


def _places_of_cls(runs: Sequence[tuple[int, int]], device: torch.device) -> Tensor:
    """int64[b]: where each text begins."""
    lengths = np.concatenate([np.full(count, n) for count, n in runs])
    return torch.from_numpy(np.cumsum(lengths) - lengths).to(device)


def _pooled(states: Tensor, pooling: Pooling) -> Tensor:
    """(b, n, H) to float32 (b, H): [CLS], or the mean of what lies between [CLS] and [SEP]."""
    if pooling == "cls":
        return states[:, 0].float()
    own = states[:, 1:-1] if states.shape[1] > 2 else states
    return own.float().mean(dim=1)
