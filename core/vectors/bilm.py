"""The two language models inside ELMo as a PyTorch module.

    characters -> convolutions -> highway -> projection -> x_k           (shared)
    forward :  LSTM, LSTM + residual over  <s> w_1 .. w_n   -> p(w_k | w_1 .. w_(k-1))
    backward:  LSTM, LSTM + residual over </s> w_n .. w_1   -> p(w_k | w_(k+1) .. w_n)

Both directions share the character encoder and the softmax (Peters et al. 2018, section 3.1).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MOST_BYTES = 20  # of a word; the rest is cut off
WIDTH = MOST_BYTES + 2  # with the marks for the word's begin and end
BEGIN_WORD, END_WORD, PAD, BEGIN_TEXT, END_TEXT = range(256, 261)
N_CHARACTERS = 261
DIRECTIONS = ("forward", "backward")
# Which of its own kernels torch takes is nothing that a user could change.
warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")


@dataclass(frozen=True)
class Shape:
    """Sizes of the model. `words` counts the rows of the softmax, the unknown word included."""

    words: int
    character: int = 16
    filters: tuple[tuple[int, int], ...] = ((1, 32), (2, 32), (3, 64), (4, 64), (5, 64))
    hidden: int = 512
    projection: int = 128
    layers: int = 2


def spell(words: Sequence[str]) -> np.ndarray:
    """The UTF-8 bytes of each word between its marks, padded; int16[len(words), WIDTH]."""
    table = np.full((len(words), WIDTH), PAD, dtype=np.int16)
    for row, word in zip(table, words, strict=True):
        letters = [BEGIN_WORD, *word.encode("utf-8", "replace")[:MOST_BYTES], END_WORD]
        row[: len(letters)] = letters
    return table


def text_marks() -> np.ndarray:
    """Spelling of <s> and </s>: one character of their own each; int16[2, WIDTH]."""
    table = np.full((2, WIDTH), PAD, dtype=np.int16)
    table[:, 0], table[:, 2] = BEGIN_WORD, END_WORD
    table[:, 1] = BEGIN_TEXT, END_TEXT
    return table


class CharacterEncoder(nn.Module):
    """Convolutions over a word's characters, their greatest values, one highway layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        features = sum(count for _, count in shape.filters)
        self.embedding = nn.Embedding(N_CHARACTERS, shape.character)
        self.filters = nn.ModuleList(
            nn.Conv1d(shape.character, count, width) for width, count in shape.filters
        )
        self.highway = nn.Linear(features, 2 * features)
        self.projection = nn.Linear(features, shape.projection)
        with torch.no_grad():  # at first the highway carries its input on
            self.highway.bias[features:].fill_(1.0)

    def forward(self, characters: torch.Tensor) -> torch.Tensor:
        """(U, WIDTH) character ids -> (U, projection)."""
        letters = self.embedding(characters).transpose(1, 2)  # (U, character, WIDTH)
        x = F.relu(torch.cat([f(letters).amax(dim=2) for f in self.filters], dim=1))
        transformed, gate = self.highway(x).chunk(2, dim=1)
        carry = torch.sigmoid(gate)
        return self.projection(carry * x + (1 - carry) * F.relu(transformed))


class BiLM(nn.Module):
    """Forward and backward language model over one character encoder and one softmax."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = CharacterEncoder(shape)
        self.stacks = nn.ModuleList(self._stack() for _ in DIRECTIONS)
        self.softmax = nn.Linear(shape.projection, shape.words)
        nn.init.normal_(self.softmax.weight, std=shape.projection**-0.5)

    def _stack(self) -> nn.ModuleList:
        size = self.shape
        stack = nn.ModuleList(
            nn.LSTM(size.projection, size.hidden, proj_size=size.projection)
            for _ in range(size.layers)
        )
        with torch.no_grad():  # at first the forget gates stay open
            for lstm in stack:
                lstm.bias_ih_l0[size.hidden : 2 * size.hidden].fill_(1.0)
        return stack

    def lstms(self, direction: str) -> nn.ModuleList:
        """The LSTM layers of one direction, lowest first."""
        return self.stacks[DIRECTIONS.index(direction)]

    def layers(self, direction: str, x: torch.Tensor) -> list[torch.Tensor]:
        """States of every LSTM layer, (T, B, projection) each, in reading order of x (T, B, .)."""
        states: list[torch.Tensor] = []
        for lstm in self.lstms(direction):
            out, _ = lstm(x)
            x = x + out if states else out  # residual from the first to the second layer
            states.append(x)
        return states


def backward_order(lengths: torch.Tensor, steps: int) -> torch.Tensor:
    """Row of a column-wise sequence read at each step from its end; int64 (steps, B).

    Steps past a sequence's length point at themselves, so padding stays behind the text.
    """
    step = torch.arange(steps)[:, None]
    return torch.where(step < lengths, lengths - 1 - step, step)
