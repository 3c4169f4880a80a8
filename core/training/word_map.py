"""A flat map of the most frequent words of a static table, for the page that shows it.

    python -m core.training.word_map

reads assets/vectors/skipgram.npy and writes assets/vectors/map.npz: words, where t-SNE puts
them in the plane and where their first three principal components put them in space. Both see
the vectors at length 1, so that distance follows the cosine.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from core.vectors import static

FILE = "map.npz"
PERPLEXITY = 30.0  # van der Maaten and Hinton 2008 use 5 to 50


def choose(table: static.StaticVectors, count: int) -> list[int]:
    """Rows of the `count` most frequent words that are letters only."""
    return [i for i, word in enumerate(table.words) if word.isalpha() and len(word) > 1][:count]


def lay_out(vectors: np.ndarray, seed: int, perplexity: float = PERPLEXITY
            ) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Plane float32[n, 2] by t-SNE, space float32[n, 3] by PCA, and facts about both."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    components = PCA(3, random_state=seed, svd_solver="full").fit(unit)
    tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=seed)
    plane = tsne.fit_transform(unit.astype(np.float32))
    facts = {
        "perplexity": perplexity, "seed": seed, "divergence": float(tsne.kl_divergence_),
        "variance": float(components.explained_variance_ratio_.sum()),
    }
    return plane, components.transform(unit), facts


def write(folder: Path, words: list[str], plane: np.ndarray, space: np.ndarray,
          facts: dict[str, Any]) -> Path:
    """Store a map; words travel as one UTF-8 text, a word a line."""
    path = folder / FILE
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        plane=plane.astype(np.float16), space=space.astype(np.float16),
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
    )
    return path


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--table", default="skipgram", choices=sorted(static.LABELS))
    parser.add_argument("--words", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--perplexity", type=float, default=PERPLEXITY)
    asked = parser.parse_args(argv)
    table = static.load(asked.table)
    rows = choose(table, asked.words)
    vectors = np.asarray(table.vectors[rows], np.float64)
    plane, space, facts = lay_out(vectors, asked.seed, asked.perplexity)
    facts |= {"table": asked.table, "words": len(rows)}
    path = write(static.FOLDER, [table.words[i] for i in rows], plane, space, facts)
    print(f"{path.name}: {len(rows)} words, {path.stat().st_size / 1024:.0f} KiB, {facts}")


if __name__ == "__main__":
    main()
