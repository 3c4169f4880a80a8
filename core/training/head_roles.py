"""What each head of the embedded model looks at, on average over held-out articles.

    python -m core.training.head_roles --data ../shared/data/text

Writes assets/heads/roles.json and the card beside it. A window is one held-out article of
Simple English Wikipedia: its first sentences as segment A, the ones that follow as segment B,
as Clark et al. (2019) feed two paragraphs, at most 128 word pieces. Which articles: a draw
without replacement, fixed by --seed, among those long enough to fill half a window.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.contract import TraceRequest
from core.engine.local import LocalEngine
from core.heads.roles import ROLES, Totals, totals
from core.models.registry import EMBEDDED
from core.training.corpus import articles, is_held_out, sentences
from core.training.head_records import FOLDER, origin, write_card, write_json

CORPUS = "simplewiki_en.txt.xz"
PIECES = 128
SPECIALS = 3  # [CLS], [SEP], [SEP]


def pair_of(article: str, engine: LocalEngine, limit: int = PIECES) -> tuple[str, str] | None:
    """Two runs of whole sentences, each within half a window; None for a short article."""
    room = (limit - SPECIALS) // 2
    sides: list[list[str]] = [[], []]
    used = [0, 0]
    for sentence in sentences(article):
        size = len(engine.tokenize(EMBEDDED, sentence)) - 2
        if not sides[1] and used[0] + size <= room:
            side = 0
        elif sides[0] and used[1] + size <= room:
            side = 1
        else:
            break
        sides[side].append(sentence)
        used[side] += size
    if not all(sides) or sum(used) < room:
        return None
    return " ".join(sides[0]), " ".join(sides[1])


def windows(path: Path, engine: LocalEngine, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """At most `count` pairs, each from another held-out article."""
    held_out = [article for article in articles(path) if is_held_out(article)]
    found = 0
    for index in np.random.default_rng(seed).permutation(len(held_out)):
        pair = pair_of(held_out[index], engine)
        if pair and found < count:
            found += 1
            yield pair


def measure(engine: LocalEngine, pairs: Iterator[tuple[str, str]]) -> tuple[Totals, int, int]:
    """The sums over all windows, how many there were, and their word pieces."""
    total: Totals | None = None
    count = pieces = 0
    for text, text_b in tqdm(pairs, desc="windows", unit=""):
        trace = engine.trace(TraceRequest(text, text_b, keep=frozenset({"weights"})))
        weights = np.concatenate([la.weights for la in trace.layers if la.weights is not None])
        found = totals(weights, trace.encoded.tokens)
        total = found if total is None else total + found
        count += 1
        pieces += len(trace.encoded)
    if total is None:
        raise SystemExit("no held-out article was long enough")
    return total, count, pieces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {CORPUS}")
    parser.add_argument("--windows", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", type=Path, default=FOLDER)
    args = parser.parse_args()
    engine = LocalEngine("cpu")
    pairs = windows(args.data / CORPUS, engine, args.windows, args.seed)
    total, count, pieces = measure(engine, pairs)
    command = f"python -m core.training.head_roles --data {args.data.as_posix()}"
    write_json(args.target / "roles.json", {
        **origin(command),
        "windows": count, "pieces": pieces, "limit": PIECES, "seed": args.seed,
        "corpus": CORPUS,
        "rows": dict(zip(ROLES, total.rows.tolist(), strict=True)),
        "measures": dict(zip(ROLES, total.measures().round(4).tolist(), strict=True)),
    })
    write_card(args.target)


if __name__ == "__main__":
    main()
