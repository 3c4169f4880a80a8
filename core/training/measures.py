"""How good the vectors are: word similarity, analogies, and the same word in two sentences.

    python -m core.training.measures

Prints tables and writes assets/vectors/measures.json, which the pages read. A model whose
files are missing is left out with a line that says so.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gensim.test.utils import datapath
from tqdm import tqdm

from core.errors import ModelUnavailable, WordUnknown
from core.training import measure_vectors as source
from core.training.measure_scores import Tally, answer_analogies, decide, spearman
from core.vectors import static
from core.vectors.senses import WordPair, halves, pairs

TARGET = static.FOLDER / "measures.json"
STATIC = ("cbow", "skipgram", "glove")
SIMILARITY = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}
ANALOGIES = "questions-words.txt"
NEUTRAL = "The word is {}."
Rated = list[tuple[str, str, float]]


def read_rated(path: Path) -> Rated:
    """Two words and how alike people found them, from a tab-separated file with # comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return [(a, b, float(score)) for a, b, score, *_ in rows]


def read_analogies(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """The questions a b c d of each section, which begins with a line ": name"."""
    sections: dict[str, list[tuple[str, ...]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            current = sections.setdefault(line[1:].strip(), [])
        elif line.strip():
            current.append(tuple(line.split()))
    return sections


def similarity(
    rated: Rated, vectors: source.Vectors, template: str = "{}"
) -> list[dict[str, float]]:
    """For each layer Spearman's rho between cosines and ratings over the pairs that are known.

    Each word is put into `template` and its vector taken there.
    """
    known: dict[str, np.ndarray | None] = {}
    for word in {w for row in rated for w in row[:2]}:
        try:
            known[word] = vectors(word, template.format(word))
        except WordUnknown:
            known[word] = None
    scored: list[float] = []
    cosines: list[list[float]] = []
    for a, b, score in rated:
        of_a, of_b = known[a], known[b]
        if of_a is not None and of_b is not None:
            scored.append(score)
            cosines.append([static.cosine(x, y) for x, y in zip(of_a, of_b, strict=True)])
    return [
        {"rho": spearman(layer, scored), "pairs": len(scored), "of": len(rated)}
        for layer in zip(*cosines, strict=True)
    ]


def analogies(
    table: static.StaticVectors, sections: dict[str, list[tuple[str, ...]]]
) -> list[Tally]:
    """3CosAdd over the whole vocabulary, section by section."""
    vectors = np.asarray(table.vectors, np.float32)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    found = []
    for name, questions in tqdm(sections.items(), desc=f"analogies {table.name}", leave=False):
        rows = [[table.find(word) for word in question] for question in questions]
        covered = np.array([row for row in rows if None not in row], dtype=np.int64)
        right = answer_analogies(unit, covered.reshape(-1, 4))
        found.append(Tally(name, int(right.sum()), len(covered), len(questions)))
    return found


def in_context(
    chosen: Sequence[WordPair], vectors: source.Vectors, name: str
) -> list[dict[str, Any]]:
    """For each layer how often the cosine tells same from different meaning; see `decide`.

    Words without a vector are left out; `pairs` says how many pairs were left.
    """
    known: dict[tuple[str, str], np.ndarray] = {}
    bar = tqdm([(p.word, t) for p in chosen for t in (p.text, p.text_b)], desc=name, leave=False)
    for word, text in bar:
        try:
            if (word, text) not in known:
                known[word, text] = vectors(word, text)
        except WordUnknown:
            pass
    kept = [p for p in chosen if (p.word, p.text) in known and (p.word, p.text_b) in known]
    first = {pair.word for pair in halves(chosen)[0]}
    same = np.array([pair.same for pair in kept])
    words = [pair.word for pair in kept]
    both = [(known[p.word, p.text], known[p.word, p.text_b]) for p in kept]
    rows = []
    for layer in range(len(both[0][0])):
        cosines = np.array([static.cosine(a[layer], b[layer]) for a, b in both])
        cosines = cosines.round(6)  # the order in which float32 was summed must decide nothing
        found = decide(cosines, same, words, first)
        rows.append({
            "accuracy": found.accuracy, "low": found.low, "high": found.high,
            "thresholds": [t if np.isfinite(t) else None for t in found.thresholds],
            "mean_cosine_same": float(cosines[same].mean()),
            "mean_cosine_different": float(cosines[~same].mean()),
            "pairs": len(kept), "words": len(set(words)),
        })
    return rows


def available(name: str, load: Callable[[], Any]) -> Any:
    """What `load` returns, or None after saying that there is no such model yet."""
    try:
        return load()
    except ModelUnavailable as error:
        print(f"{name} left out: {error}")
        return None


def measure() -> dict[str, Any]:
    """Everything the command writes."""
    rated = {name: read_rated(Path(datapath(file))) for name, file in SIMILARITY.items()}
    sections = read_analogies(Path(datapath(ANALOGIES)))
    chosen = pairs(0)
    found: dict[str, Any] = {
        "neutral": NEUTRAL, "similarity": [], "analogies": [], "word_in_context": [],
    }
    models: dict[str, Callable[[], source.Vectors]] = {
        **{name: partial(source.static_vectors, name) for name in STATIC},
        "elmo": source.elmo_vectors, "bert": source.bert_vectors, "gpt": source.gpt_vectors,
    }
    for name, load in models.items():
        vectors = available(name, load)
        if vectors is None:
            continue
        template = "{}" if name in (*STATIC, "elmo") else NEUTRAL
        by_set = {key: similarity(rows, vectors, template) for key, rows in rated.items()}
        in_layers = in_context(chosen, vectors, name)
        for layer, row in enumerate(in_layers):
            at = {"model": name, "layer": None if name in STATIC else layer}
            found["word_in_context"].append({**at, **row})
            if name != "elmo" or layer == 0:  # above layer 0 a word alone is no fair context
                found["similarity"].append({**at, **{k: v[layer] for k, v in by_set.items()}})
        if name in STATIC:
            tallies = analogies(static.load(name), sections)
            counts = {k: sum(getattr(t, k) for t in tallies)
                      for k in ("correct", "covered", "total")}
            found["analogies"].append(
                {"model": name, **counts, "sections": [asdict(t) for t in tallies]}
            )
    return found


def tables(found: dict[str, Any]) -> str:
    """The figures as text, models under each other."""

    def label(row: dict[str, Any]) -> str:
        return row["model"] + ("" if row.get("layer") is None else f" layer {row['layer']}")

    lines = ["word similarity (Spearman's rho, pairs covered)"]
    for row in found["similarity"]:
        cells = (f"{k} {row[k]['rho']:6.3f} ({row[k]['pairs']}/{row[k]['of']})" for k in SIMILARITY)
        lines.append(f"  {label(row):14}" + "   ".join(cells))
    lines.append("analogies (right/covered/asked)")
    for row in found["analogies"]:
        share = row["correct"] / max(row["covered"], 1)
        counts = f"{row['correct']}/{row['covered']}/{row['total']}"
        lines.append(f"  {row['model']:14}{share:6.1%}  {counts}")
        for part in row["sections"]:
            counts = f"{part['correct']}/{part['covered']}/{part['total']}"
            lines.append(f"    {part['section']:30}{counts}")
    lines.append("same word, same meaning? (accuracy, 95 % interval, mean cosine same / different)")
    for row in found["word_in_context"]:
        lines.append(
            f"  {label(row):14}{row['accuracy']:6.1%}  [{row['low']:.1%}, {row['high']:.1%}]  "
            f"{row['mean_cosine_same']:.3f} / {row['mean_cosine_different']:.3f}  "
            f"{row['pairs']} pairs, {row['words']} words"
        )
    return "\n".join(lines)


def rounded(value: Any) -> Any:
    """The same structure with every float at four decimals."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, (list, tuple)) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    args = parser.parse_args()
    found = rounded(measure())
    print(tables(found))
    args.target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
