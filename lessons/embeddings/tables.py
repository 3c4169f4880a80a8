"""The tables themselves: which places and which pieces have rows that point the same way."""

import math
from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.limits import check_index
from core.models.files import folder_of
from core.wordpiece.encoder import tokenizer
from lessons.embeddings.lesson import TABLES

NEIGHBOURS = 10
FARTHEST = 64  # largest distance between two places that is measured


@dataclass(frozen=True)
class Distances:
    """Cosine of all pairs of places that are 0, 1, 2 ... apart; each float64[FARTHEST + 1]."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Positions:
    """Learned and sinusoidal position rows, float32[places, H], and how alike rows are.

    learned_cosine, sinusoidal_cosine : float32[places, places]
    """

    learned: np.ndarray
    sinusoidal: np.ndarray
    learned_cosine: np.ndarray
    sinusoidal_cosine: np.ndarray
    learned_distances: Distances
    sinusoidal_distances: Distances


def positions(engine: Engine, model: str) -> Positions:
    """All places the model knows, beside the waves for as many places and the same H."""
    learned = engine.parameter(model, f"{TABLES}position_embeddings.weight")
    waves = sinusoidal_positions(*learned.shape)
    ours, theirs = (cosine_similarity(rows.astype(np.float64)) for rows in (learned, waves))
    return Positions(
        learned, waves.astype(np.float32), ours.astype(np.float32), theirs.astype(np.float32),
        by_distance(ours), by_distance(theirs),
    )


def sinusoidal_positions(count: int, hidden: int) -> np.ndarray:
    """The fixed position vectors of the first Transformer, float64[count, hidden].

    PE(pos, 2i) = sin(pos / 10000^(2i/H)), PE(pos, 2i+1) = cos(the same).

    Source: Vaswani et al. 2017, section 3.5.
    """
    places = np.arange(count)[:, None]  # (count, 1)
    rates = np.exp(-math.log(10_000.0) * np.arange(0, hidden, 2) / hidden)  # (H/2,)
    table = np.zeros((count, hidden))
    table[:, 0::2] = np.sin(places * rates)
    table[:, 1::2] = np.cos(places * rates[: hidden // 2])
    return table


def cosine_similarity(rows: np.ndarray) -> np.ndarray:
    """Cosine of every pair of rows, float[n, n]."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit @ unit.T


def by_distance(cosines: np.ndarray) -> Distances:
    """Mean and extremes along the diagonals: all pairs of places that are d apart."""
    farthest = min(FARTHEST, len(cosines) - 1)
    diagonals = [np.diagonal(cosines, d) for d in range(farthest + 1)]
    return Distances(
        np.array([d.mean() for d in diagonals]),
        np.array([d.min() for d in diagonals]),
        np.array([d.max() for d in diagonals]),
    )


@dataclass(frozen=True)
class Segments:
    """The two segment rows: cosine, length of their difference, and their own lengths."""

    cosine: float
    difference: float
    lengths: tuple[float, float]


def segments(engine: Engine, model: str) -> Segments:
    """How far sentence A's row is from sentence B's."""
    a, b = engine.parameter(model, f"{TABLES}token_type_embeddings.weight")[:2].astype(np.float64)
    lengths = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    cosine = float(a @ b) / max(lengths[0] * lengths[1], 1e-12)
    return Segments(cosine, float(np.linalg.norm(a - b)), lengths)


@dataclass(frozen=True)
class Neighbourhood:
    """The pieces whose token rows have the largest cosine with that of one piece, best first."""

    piece: str
    pieces: tuple[str, ...]
    cosines: tuple[float, ...]


def nearest(engine: Engine, asked: tuple[str, int]) -> Neighbourhood:
    """Look through the whole token table of a model for the rows nearest to a piece's.

    asked : (model, id of the piece)
    """
    model, piece_id = asked
    table = engine.parameter(model, f"{TABLES}word_embeddings.weight")  # (V, H)
    check_index("id", piece_id, len(table))
    lengths = np.linalg.norm(table, axis=1)  # (V,)
    cosines = table @ table[piece_id] / np.maximum(lengths * lengths[piece_id], 1e-12)  # (V,)
    best = [int(i) for i in np.argsort(-cosines, kind="stable") if i != piece_id][:NEIGHBOURS]
    names = tokenizer(folder_of(model))
    return Neighbourhood(
        names.id_to_token(piece_id) or f"[{piece_id}]",
        tuple(names.id_to_token(i) or f"[{i}]" for i in best),
        tuple(float(cosines[i]) for i in best),
    )
