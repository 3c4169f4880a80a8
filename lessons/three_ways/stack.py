"""A small Transformer encoder that may be forbidden to look at itself. Imports torch."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 32


class Layer(nn.Module):
    """One head of self-attention and a feed-forward network, E = `WIDTH`, no LayerNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)


class Stack(nn.Module):
    """Words, and one [MASK] with the id that follows theirs, to logits over the words.

    Where no place may look at itself there is no residual past the attention either, and the
    query is made of the position alone: nothing of a word is left at its own place.
    """

    def __init__(self, words: int, layers: int, sees_itself: bool, seed: int) -> None:
        super().__init__()
        self.sees_itself = sees_itself
        self.words = nn.Embedding(words + 1, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.out = nn.Linear(WIDTH, words)
        self._draw(np.random.default_rng(seed))

    def forward(self, ids: Tensor) -> Tensor:
        """(B, w) -> (B, w, V)."""
        places = positions(ids.shape[1])  # (w, E)
        allowed = looks(ids.shape[1], self.sees_itself)
        x = self.words(ids) + places  # (B, w, E)
        for layer in self.layers:
            query = layer.query(x if self.sees_itself else places.expand_as(x))
            z = F.scaled_dot_product_attention(
                query, layer.key(x), layer.value(x), attn_mask=allowed
            )  # (B, w, E)
            x = x + z if self.sees_itself else z
            x = x + layer.down(F.relu(layer.up(x)))
        return self.out(x)

    @torch.no_grad()
    def _draw(self, rng: np.random.Generator) -> None:
        """Torch's usual ranges, from our own generator."""
        for name, weight in self.named_parameters():
            reach = weight.shape[-1] ** -0.5
            drawn = (
                rng.standard_normal(weight.shape) if name.startswith("words")
                else rng.uniform(-reach, reach, weight.shape)
            )
            weight.copy_(torch.from_numpy(drawn))


def positions(n: int) -> Tensor:
    """Sines and cosines of the places, float32[n, E] (Vaswani et al. 2017, section 3.5)."""
    place, pair = np.arange(n)[:, None], np.arange(WIDTH // 2)[None]
    angle = place / 10_000 ** (2 * pair / WIDTH)
    both = np.stack([np.sin(angle), np.cos(angle)], -1).reshape(n, WIDTH)
    return torch.from_numpy(both.astype(np.float32))


def looks(n: int, itself: bool) -> Tensor:
    """Who may look at whom in every layer, bool[n, n]."""
    everyone = torch.ones(n, n, dtype=torch.bool)
    return everyone if itself else everyone ^ torch.eye(n, dtype=torch.bool)
