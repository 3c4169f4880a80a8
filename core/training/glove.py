"""Train GloVe: weighted least squares on the logarithms of co-occurrence counts.

    python -m core.training.glove --data DIR

Run the same command again to go on after a stop. The loss is equation 8 of Pennington et al.
(2014), over all pairs of words; a pair never seen together has the weight 0. Each step takes
the cells where some random rows of the table cross some random columns, and moves the vectors
of those rows and columns alone, by AdaGrad.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array
from tqdm import tqdm

from core.training.cooccurrence import WINDOW, load_cooccurrence
from core.training.static_export import corpus_facts, export
from core.training.word_corpus import WORK as WORDS_WORK
from core.training.word_corpus import load_words
from core.vectors.cooccurrence import ALPHA, X_MAX, weight
from core.vectors.static import FOLDER


@dataclass(frozen=True)
class Settings:
    """Everything that decides the outcome of a run but the text."""

    epochs: int = 40
    dimensions: int = 100
    x_max: float = X_MAX
    alpha: float = ALPHA
    rate: float = 0.15  # a step sums many cells, so it is larger than the 0.05 of the paper
    rows_at_a_time: int = 500
    seed: int = 1


@dataclass
class Side:
    """The vectors of one role, word or context, with AdaGrad's sums of squared slopes.

    vectors : float32[V, H]; bias : float32[V]; the sums have the same shapes
    """

    vectors: torch.Tensor
    bias: torch.Tensor
    vector_squares: torch.Tensor
    bias_squares: torch.Tensor

    @classmethod
    def new(cls, size: int, dimensions: int, draw: np.random.Generator) -> "Side":
        """Small random values; the sums start at 1, as in the GloVe program."""
        vectors, bias = (
            torch.from_numpy(((draw.random(shape) - 0.5) / dimensions).astype(np.float32))
            for shape in ((size, dimensions), (size,))
        )
        return cls(vectors, bias, torch.ones_like(vectors), torch.ones_like(bias))

    def step(
        self, rows: torch.Tensor, slope: torch.Tensor, bias_slope: torch.Tensor, rate: float
    ) -> None:
        """AdaGrad on some rows: each value moves by rate * slope / sqrt(its sum of squares)."""
        squares = self.vector_squares[rows] + slope**2  # (R, H)
        self.vector_squares[rows] = squares
        self.vectors[rows] -= rate * slope / squares.sqrt()
        bias_squares = self.bias_squares[rows] + bias_slope**2  # (R,)
        self.bias_squares[rows] = bias_squares
        self.bias[rows] -= rate * bias_slope / bias_squares.sqrt()


@dataclass(frozen=True)
class Cells:
    """The table X as what the loss needs of it.

    logs, weights : csr_array[V, V] of float32 with the same places; both symmetric
    """

    logs: csr_array
    weights: csr_array

    @classmethod
    def of(cls, x: csr_array, x_max: float, alpha: float) -> "Cells":
        logs, weights = (
            csr_array((values.astype(np.float32), x.indices, x.indptr), shape=x.shape)
            for values in (np.log(x.data), weight(x.data, x_max, alpha))
        )
        return cls(logs, weights)

    def __len__(self) -> int:
        return int(self.logs.nnz)

    def blocks(
        self, at_a_time: int, draw: np.random.Generator
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Every cell once: rows[R], columns[C], logs and weights float32[R, C], 0 for no pair."""
        size = self.logs.shape[0]
        rows, columns = draw.permutation(size), draw.permutation(size)
        place = np.argsort(columns).astype(self.logs.indices.dtype)
        moved = place[self.logs.indices]  # column j of the table is now at place[j]
        tables = [
            csr_array((t.data, moved, t.indptr), shape=t.shape) for t in (self.logs, self.weights)
        ]
        for top in range(0, size, at_a_time):
            some = rows[top : top + at_a_time]
            logs, weights = (table[some].toarray() for table in tables)  # (R, V)
            for left in range(0, size, at_a_time):
                across = slice(left, left + at_a_time)
                yield some, columns[across], logs[:, across], weights[:, across]


def descend(
    first: Side, second: Side, rows: torch.Tensor, columns: torch.Tensor, logs: torch.Tensor,
    weights: torch.Tensor, rate: float,
) -> torch.Tensor:
    """One step on a block of cells; returns the block's loss before it.

    rows : int64[R] of the first side; columns : int64[C] of the second
    logs, weights : float32[R, C]

    As in the GloVe program the factor 2 of the square's slope is left to the rate.
    Source: Pennington et al. (2014), equation 8.
    """
    w, context = first.vectors[rows], second.vectors[columns]  # (R, H), (C, H)
    gap = w @ context.T - logs  # (R, C)
    gap += first.bias[rows, None]
    gap += second.bias[columns]
    pull = weights * gap  # (R, C)
    first.step(rows, pull @ context, pull.sum(1), rate)
    second.step(columns, pull.T @ w, pull.sum(0), rate)
    return (pull * gap).sum()


class Run:
    """One training run: both roles' vectors, the place in it, the loss curve."""

    def __init__(
        self, settings: Settings, cells: Cells, work: Path, device: str = "cpu"
    ) -> None:
        self.settings, self.cells = settings, cells
        self.device, self.checkpoint = torch.device(device), work / "checkpoint.npz"
        self.epoch, self.seconds = 0, 0.0
        self.curve: list[float] = []
        draw = np.random.default_rng(settings.seed)
        size = cells.logs.shape[0]
        self.word, self.context = (Side.new(size, settings.dimensions, draw) for _ in range(2))
        if self.checkpoint.exists():
            self._resume()
        for side in (self.word, self.context):
            for name, values in vars(side).items():
                setattr(side, name, values.to(self.device))

    @property
    def vectors(self) -> np.ndarray:
        """w + w~, the sum of both roles, float32[V, H] (section 4.2 of the paper)."""
        return (self.word.vectors + self.context.vectors).cpu().numpy()

    def to_the_end(self, last: int | None = None) -> None:
        """Train up to epoch `last` (exclusive; None: all of them), saving after every epoch."""
        stop = self.settings.epochs if last is None else min(last, self.settings.epochs)
        while self.epoch < stop:
            began = time.perf_counter()
            self.curve.append(self._train_epoch())
            self.seconds += time.perf_counter() - began
            self.epoch += 1
            self._save()

    def _train_epoch(self) -> float:
        """One pass over the table; returns the mean loss of a cell, each before its own step.

        The table is symmetric, so the two roles take turns as rows and as columns.
        """
        s = self.settings
        first, second = (self.word, self.context)[:: -1 if self.epoch % 2 else 1]
        draw = np.random.default_rng([s.seed, self.epoch])
        blocks = -(-self.cells.logs.shape[0] // s.rows_at_a_time) ** 2
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for block in tqdm(
            self.cells.blocks(s.rows_at_a_time, draw), total=blocks, unit=" blocks",
            desc=f"glove {self.epoch + 1}/{s.epochs}", leave=False,
        ):
            rows, columns, logs, weights = map(self._tensor, block)
            total += descend(first, second, rows, columns, logs, weights, s.rate)
        mean = float(total) / len(self.cells)
        tqdm.write(f"epoch {self.epoch + 1}: loss {mean:.5f} a cell")
        return mean

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values).to(self.device)

    def _resume(self) -> None:
        with np.load(self.checkpoint, allow_pickle=False) as stored:
            if json.loads(str(stored["settings"])) != asdict(self.settings):
                raise SystemExit(f"{self.checkpoint} is of other settings: remove it first")
            for role in ("word", "context"):
                side = getattr(self, role)
                for name in vars(side):
                    setattr(side, name, torch.from_numpy(stored[f"{role}_{name}"]))
            self.epoch, self.seconds = int(stored["epoch"]), float(stored["seconds"])
            self.curve = stored["curve"].tolist()

    def _save(self) -> None:
        arrays = {
            f"{role}_{name}": values.cpu().numpy()
            for role in ("word", "context") for name, values in vars(getattr(self, role)).items()
        }
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.checkpoint.with_name("fresh.npz")
        np.savez(
            fresh, settings=json.dumps(asdict(self.settings)), epoch=self.epoch,
            seconds=self.seconds, curve=np.array(self.curve), **arrays,
        )
        fresh.replace(self.checkpoint)

    def facts(self) -> dict[str, object]:
        """What the model card says of this run."""
        return asdict(self.settings) | {
            "method": "glove", "program": f"torch {torch.__version__}", "window": WINDOW,
            "cells": len(self.cells), "device": self.device.type,
            "minutes": round(self.seconds / 60, 1),
            "loss": {
                "epoch": list(range(1, self.epoch + 1)),
                "train": [round(value, 6) for value in self.curve],
            },
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpus")
    parser.add_argument("--epochs", type=int, default=Settings.epochs, help="passes over X")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--work", type=Path, default=Path("build/glove"))
    parser.add_argument("--words", type=Path, default=WORDS_WORK, help="cache of the text")
    parser.add_argument("--target", type=Path, default=FOLDER)
    args = parser.parse_args()
    if args.device == "auto":
        args.device = "cuda" if torch.cuda.is_available() else "cpu"
    vocabulary, train, held_out = load_words(args.data, args.words)
    x = load_cooccurrence(train, len(vocabulary), args.work / "cooccurrence.npz")
    settings = Settings(args.epochs, seed=args.seed)
    print(f"{x.nnz:,} pairs of words met within {WINDOW} words")
    run = Run(settings, Cells.of(x, settings.x_max, settings.alpha), args.work, args.device)
    run.to_the_end()
    facts = corpus_facts(train, held_out) | run.facts()
    size = export(args.target, "glove", vocabulary, run.vectors, facts)
    print(f"glove: {size:,} bytes, loss {run.curve[-1]:.5f} a cell")


if __name__ == "__main__":
    main()
