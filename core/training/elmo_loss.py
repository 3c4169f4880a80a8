"""What ELMo minimises and how it is measured: sampled softmax to train, the full one to report."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from core.training.elmo_text import Batch
from core.vectors.bilm import DIRECTIONS, BiLM, backward_order, text_marks


@dataclass(frozen=True)
class Spellings:
    """Characters and softmax row of every distinct word of a corpus.

    characters : int16[2 + words, WIDTH], <s> and </s> first
    targets : int64[words]
    """

    characters: np.ndarray
    targets: np.ndarray

    @classmethod
    def of(cls, characters: np.ndarray, targets: np.ndarray) -> "Spellings":
        return cls(np.concatenate([text_marks(), characters]), targets)


class Sampler:
    """Draws words in proportion to frequency^0.75, the same ones for the same seed and step."""

    def __init__(self, counts: np.ndarray, samples: int, seed: int, device: torch.device) -> None:
        flattened = np.maximum(counts, 1).astype(np.float64) ** 0.75
        self._drawn = flattened / flattened.sum()
        self._cumulative = np.cumsum(self._drawn)
        self._frequency = counts / counts.sum()
        self._samples, self._seed, self._device = samples, seed, device

    def draw(self, step: int, targets: torch.Tensor) -> "Candidates":
        """Candidates for the targets of one batch: the words drawn and the targets themselves."""
        uniform = np.random.default_rng([self._seed, 11, step]).random(self._samples)
        drawn = np.searchsorted(self._cumulative, uniform).clip(max=len(self._cumulative) - 1)
        rows, place = np.unique(np.concatenate([drawn, targets.cpu()]), return_inverse=True)
        expected = self._samples * self._drawn[rows] + len(targets) * self._frequency[rows]
        log_present = np.log(-np.expm1(-np.maximum(expected, 1e-12)))
        return Candidates(
            torch.as_tensor(rows, device=self._device),
            torch.as_tensor(log_present, dtype=torch.float32, device=self._device),
            torch.as_tensor(place[self._samples :], device=self._device),
        )


@dataclass(frozen=True)
class Candidates:
    """The C words among which a batch's M targets are told apart, each word once.

    rows : int64[C], softmax rows
    log_present : float32[C], log of the probability that a batch has the word as a candidate
    place : int64[M], where each target stands among the candidates
    """

    rows: torch.Tensor
    log_present: torch.Tensor
    place: torch.Tensor


@dataclass(frozen=True)
class Task:
    """One direction of one batch, in its own reading order.

    inputs : int64[T, B], rows of the batch's encoded words; the text mark comes first
    targets : int64[M], softmax rows of the M words to predict
    present : bool[T, B], False behind the end of a sequence
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    present: torch.Tensor


def tasks_of(
    batch: Batch, spellings: Spellings, device: torch.device
) -> tuple[torch.Tensor, list[Task]]:
    """Characters of the batch's distinct words (U, WIDTH) and the forward and backward task."""
    distinct, place = np.unique(np.maximum(batch.words, 0), return_inverse=True)
    characters = spellings.characters[np.concatenate([[0, 1], distinct + 2])]
    words = torch.as_tensor(place.reshape(batch.words.shape))  # (T, B)
    targets = torch.as_tensor(spellings.targets[distinct])
    lengths = torch.as_tensor(batch.lengths)
    present = torch.arange(len(words))[:, None] < lengths
    tasks = []
    for mark, read in enumerate((words, words.gather(0, backward_order(lengths, len(words))))):
        first = torch.full((1, words.shape[1]), mark)
        inputs = torch.cat([first, read[:-1] + 2])
        chosen = targets[read[present]]
        tasks.append(Task(inputs.to(device), chosen.to(device), present.to(device)))
    return torch.as_tensor(characters, device=device).long(), tasks


def sampled_loss(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, candidates: Candidates
) -> torch.Tensor:
    """Cross-entropy of the M targets among the candidates, mean; hidden (M, d).

    Every logit is lowered by the log of the probability that its word is a candidate, so that
    the full softmax is what is learned. Source: Bengio and Senecal 2008; Jean et al. 2015.
    """
    chosen = F.embedding(candidates.rows, weight)  # (C, d)
    shift = bias[candidates.rows] - candidates.log_present
    return F.cross_entropy(F.linear(hidden, chosen, shift), candidates.place)


def backpropagate(
    model: BiLM, characters: torch.Tensor, tasks: Sequence[Task],
    candidates: Sequence[Candidates], dtype: torch.dtype | None, workers: ThreadPoolExecutor | None,
) -> list[float]:
    """Loss of each direction; the gradients of their sum are left in the parameters.

    The directions meet only in the encoder and the softmax: each may run in its own thread.
    """
    device = characters.device

    def low_precision() -> torch.autocast:
        return torch.autocast(device.type, dtype, enabled=dtype is not None)

    with low_precision():
        encoded = model.encoder(characters)
    leaf = encoded.detach().float().requires_grad_()  # (U, projection)
    weight, bias = model.softmax.weight, model.softmax.bias

    def one(
        direction: str, task: Task, among: Candidates
    ) -> tuple[float, tuple[torch.Tensor, ...]]:
        with low_precision():
            top = model.layers(direction, F.embedding(task.inputs, leaf))[-1]  # (T, B, d)
            loss = sampled_loss(top[task.present], weight, bias, among)
        own = list(model.lstms(direction).parameters())
        return float(loss.detach()), torch.autograd.grad(loss, [leaf, weight, bias, *own])

    run = workers.map if workers else map
    (forward, f), (backward, b) = run(one, DIRECTIONS, tasks, candidates)
    encoded.backward((f[0] + b[0]).to(encoded.dtype))
    weight.grad, bias.grad = f[1] + b[1], f[2] + b[2]
    for direction, gradients in zip(DIRECTIONS, (f, b), strict=True):
        own = model.lstms(direction).parameters()
        for parameter, gradient in zip(own, gradients[3:], strict=True):
            parameter.grad = gradient
    return [forward, backward]


@torch.inference_mode()
def perplexity(
    model: BiLM, batches: Iterable[Batch], spellings: Spellings, device: torch.device
) -> tuple[float, float]:
    """Forward and backward perplexity per word with the full softmax, in float32."""
    total, words = [0.0, 0.0], 0
    for batch in batches:
        characters, tasks = tasks_of(batch, spellings, device)
        encoded = model.encoder(characters)
        words += batch.tokens
        for i, (direction, task) in enumerate(zip(DIRECTIONS, tasks, strict=True)):
            top = model.layers(direction, F.embedding(task.inputs, encoded))[-1]
            states, targets = top[task.present].split(512), task.targets.split(512)
            for hidden, target in zip(states, targets, strict=True):
                total[i] += float(F.cross_entropy(model.softmax(hidden), target, reduction="sum"))
    return float(np.exp(total[0] / words)), float(np.exp(total[1] / words))
