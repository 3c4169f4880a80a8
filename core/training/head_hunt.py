"""Which head finds which dependency relation, held against the trees of UD English EWT.

    python -m core.training.head_hunt --data ../shared/data/tasks/ud_ewt

Writes assets/heads/hunt.npz, hunt.json and the card beside them. Every sentence of the dev and
the test set goes through the embedded model once. Relations with at least 100 arcs in both sets
are kept, under the name the treebank gives them (nsubj and nsubj:pass apart); the root and
punctuation are no relations between words.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.contract import TraceRequest
from core.engine.local import LocalEngine
from core.heads.arcs import DIRECTIONS, OFFSETS, Tally, arcs_of
from core.heads.conllu import Sentence, sentences
from core.heads.words import merge, pieces_of_spans
from core.models.registry import EMBEDDED
from core.training.head_records import FOLDER, origin, write_card, write_json

SETS = ("dev", "test")
LEAST = 100
LEFT_OUT = frozenset({"root", "punct"})


def kept_relations(sets: Sequence[Sequence[Sentence]], least: int = LEAST) -> list[str]:
    """The relations with at least `least` arcs in every set, most frequent first."""
    counts = [Counter(w.relation for s in chosen for w in s.words) for chosen in sets]
    common = [name for name, _ in sum(counts, Counter()).most_common()]
    return [
        name for name in common
        if name not in LEFT_OUT and all(count[name] >= least for count in counts)
    ]


def score(engine: LocalEngine, chosen: Sequence[Sentence], relations: Sequence[str]) -> Tally:
    """Every head against every arc of the chosen sentences."""
    info = engine.info(EMBEDDED)
    tally = Tally(len(relations), info.layers, info.heads)
    number = {name: index for index, name in enumerate(relations)}
    for sentence in tqdm(chosen, desc="sentences", unit=""):
        encoded = engine.tokenize(EMBEDDED, sentence.text)
        groups = pieces_of_spans(encoded, [word.span for word in sentence.words])
        arcs = arcs_of(
            [word.head for word in sentence.words],
            [number.get(word.relation) for word in sentence.words], groups,
        )
        if not len(arcs.relation):
            continue
        trace = engine.trace(TraceRequest(sentence.text, keep=frozenset({"weights"})))
        weights = np.concatenate([la.weights for la in trace.layers if la.weights is not None])
        tally.add(merge(weights, [group for group in groups if group]), arcs)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with dev and test")
    parser.add_argument("--target", type=Path, default=FOLDER)
    args = parser.parse_args()
    read = {name: list(sentences(args.data / f"{name}.conllu.xz")) for name in SETS}
    relations = kept_relations(list(read.values()))
    engine = LocalEngine("cpu")
    tallies = {name: score(engine, chosen, relations) for name, chosen in read.items()}
    args.target.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {
        f"{name}_{field}": getattr(tally, field)
        for name, tally in tallies.items() for field in ("heads", "offsets", "arcs")
    }
    np.savez_compressed(args.target / "hunt.npz", **arrays)  # type: ignore[arg-type]
    command = f"python -m core.training.head_hunt --data {args.data.as_posix()}"
    write_json(args.target / "hunt.json", {
        **origin(command),
        "relations": relations, "directions": list(DIRECTIONS), "offsets": list(OFFSETS),
        "least": LEAST,
        "sentences": {name: len(chosen) for name, chosen in read.items()},
        "annotated": {
            name: int(sum(w.relation in relations for s in chosen for w in s.words))
            for name, chosen in read.items()
        },
        "scored": {name: int(tally.arcs.sum()) for name, tally in tallies.items()},
    })
    write_card(args.target)


if __name__ == "__main__":
    main()
