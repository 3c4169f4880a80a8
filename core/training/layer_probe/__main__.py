"""Which layer serves a tagger best: frozen vectors of the embedded model, measured.

    OMP_NUM_THREADS=1 python -m core.training.layer_probe --data ../shared/data/tasks

For names (Universal NER on EWT and WNUT 17, as the task `ner` reads them) the choices of the
BERT paper's table 7, with a linear reader and a small BiLSTM; for names and parts of speech (UD
English EWT) a linear probe on every layer, with baselines and a control task; then, for parts of
speech, frozen vectors against fine-tuning on the same sentences. Run the same command again to
go on after a stop. Leaves assets/layers/probe.json, probes.safetensors and README.md.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.models import files
from core.models.registry import ASSETS, EMBEDDED
from core.tasks.registry import Task, find
from core.training.layer_probe import cost
from core.training.layer_probe.choices import Choice, published, single
from core.training.layer_probe.record import write
from core.training.layer_probe.scores import control_tags, counts, figure, usual_tags
from core.training.layer_probe.states import Words, kept
from core.training.layer_probe.tagger import BILSTM, LINEAR, Fit, Fitted, fitted
from core.training.tasks import tagged
from core.training.tasks.items import Item, Material

READERS: dict[str, Callable[[Path], Material]] = {"pos": tagged.pos, "ner": tagged.ner}


@dataclass(frozen=True)
class Settings:
    """What decides the figures; a stored part of another setting is made anew.

    sentences : most training sentences of a probe by task; sizes : training sentences for the
    comparison with fine-tuning, which takes at least `steps` steps; seeds : of the linear
    readers; bilstm_seeds : of the BiLSTM
    """

    seed: int = 0
    seeds: int = 3
    bilstm_seeds: int = 1
    steps: int = 120
    sentences: tuple[tuple[str, int], ...] = (("pos", 4000), ("ner", 6000))
    sizes: tuple[tuple[str, tuple[int, ...]], ...] = (("pos", (500, 2500, 12544)),)


class Set:
    """A task's sentences, drawn in an order that the seed fixes, and their vectors."""

    def __init__(self, name: str, args: argparse.Namespace, settings: Settings) -> None:
        self.task: Task = find(name)
        self._args, self._settings = args, settings
        self._most = dict(settings.sentences)[name]

    @cached_property
    def items(self) -> tuple[list[Item], list[Item]]:
        """Sentences to learn from, all of them, and the held-out ones."""
        material = READERS[self.task.name](self._args.data)
        order = np.random.default_rng(self._settings.seed).permutation(len(material.train))
        return [material.train[i] for i in order], material.held_out["test"]

    @cached_property
    def words(self) -> tuple[Words, Words]:
        name = self.task.name
        train, test = self.items
        return (kept(train[: self._most], EMBEDDED, name=f"{name}-train", work=self._args.work),
                kept(test, EMBEDDED, name=f"{name}-test", work=self._args.work))

    def facts(self) -> dict[str, Any]:
        train, test = self.words
        return {
            "train_sentences": len(train.ends), "train_words": len(train.tags),
            "test_sentences": len(test.ends), "test_words": len(test.tags),
            "without_piece": int((~test.seen).sum()), "labels": list(self.task.labels),
        }


def probed(given: Set, choice: Choice, fit: Fit, seeds: int, label: str) -> list[Fitted]:
    train, _ = given.words
    return [
        fitted(choice, train, len(given.task.labels), fit, seed, label=f"{label} {choice.name}")
        for seed in range(seeds)
    ]


def chosen(given: Set, choice: Choice, fit: Fit, seeds: int, label: str) -> dict[str, Any]:
    return judged(given, probed(given, choice, fit, seeds, label))


def judged(given: Set, readers: list[Fitted]) -> dict[str, Any]:
    _, test = given.words
    labels = given.task.labels
    found: dict[str, Any] = figure([counts(r.said(test), test, labels) for r in readers], labels)
    if (mixed := readers[0].mixed()) is not None:
        found["weights"] = mixed
    return found


def layer_row(given: Set, layer: int, settings: Settings, work: Path) -> dict[str, Any]:
    """One layer's probe, and the same probe on tags that mean nothing; keeps its weights."""
    train, test = given.words
    readers = probed(given, single(layer), LINEAR, settings.seeds, given.task.name)
    weight, bias = readers[0].plain()
    np.savez(work / f"weights-{given.task.name}-{layer}.npz", weight=weight, bias=bias)
    target, wanted = control_tags(train, test, seed=settings.seed)
    control = fitted(single(layer), train, len(given.task.labels), LINEAR, 0, target=target,
                     label=f"control {layer}")
    right = float((control.said(test) == wanted).mean())
    return {"layer": layer, **judged(given, readers), "control": round(right, 4)}


def baselines(given: Set) -> dict[str, Any]:
    train, test = given.words
    labels = given.task.labels
    return {
        name: figure([counts(said, test, labels)], labels)
        for name, said in zip(("majority", "usual"), usual_tags(train, test), strict=True)
    }


class Store:
    """Finished parts in the work folder, by name; a part of other settings is not used."""

    def __init__(self, work: Path, settings: Settings) -> None:
        said = json.dumps([asdict(settings), asdict(LINEAR), asdict(BILSTM),
                           files.checksum(EMBEDDED)])
        self.folder = work / hashlib.sha256(said.encode()).hexdigest()[:12]
        self.folder.mkdir(parents=True, exist_ok=True)

    def part(self, name: str, make: Callable[..., Any], *given: Any) -> Any:
        """What `make` returns for these, from the folder where it is there."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            path.with_suffix(".partial").write_text(json.dumps(make(*given)), encoding="utf-8")
            path.with_suffix(".partial").replace(path)
        found = json.loads(path.read_text(encoding="utf-8"))
        print(f"{name}: {json.dumps(found)[:160]}", flush=True)
        return found


def choice_parts(store: Store, given: Set, settings: Settings) -> dict[str, Any]:
    """Every choice of the paper for names, with both readers."""
    found: dict[str, Any] = {}
    for choice in published(files.info(EMBEDDED).layers):
        row = {}
        for reader, fit, seeds in (("linear", LINEAR, settings.seeds),
                                   ("bilstm", BILSTM, settings.bilstm_seeds)):
            row[reader] = store.part(f"{reader}-{choice.name}", chosen, given, choice, fit, seeds,
                                     reader)
        found[choice.name] = row
    return found


def cost_parts(store: Store, given: Set, settings: Settings) -> Iterator[dict[str, Any]]:
    name = given.task.name
    train, test = given.items
    whole = cost.Trial(given.task, EMBEDDED, train, test, given.words[1], store.folder)
    for size in dict(settings.sizes)[name]:
        trial = cost.smaller(whole, size)
        yield from store.part(f"cost-{name}-{size}-vectors", cost.by_vectors, trial)
        yield store.part(f"cost-{name}-{size}-tuned", cost.by_tuning, trial, settings.steps)


def measured(args: argparse.Namespace, settings: Settings, store: Store) -> dict[str, Any]:
    layers = files.info(EMBEDDED).layers
    sets = {name: Set(name, args, settings) for name in READERS}
    tasks: dict[str, Any] = {}
    for name, given in sets.items():
        tasks[name] = store.part(f"facts-{name}", given.facts)
        tasks[name]["baselines"] = store.part(f"baselines-{name}", baselines, given)
        tasks[name]["layers"] = [
            store.part(f"{name}-layer-{layer}", layer_row, given, layer, settings, store.folder)
            for layer in range(layers + 1)
        ]
    choices = choice_parts(store, sets["ner"], settings)
    costs = {name: list(cost_parts(store, sets[name], settings)) for name, _ in settings.sizes}
    return {"tasks": tasks, "choices": choices, "cost": costs}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m core.training.layer_probe",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets")
    parser.add_argument("--work", type=Path, default=Path("build/layer_probe"))
    parser.add_argument("--target", type=Path, default=ASSETS / "layers")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    settings = Settings(seed=args.seed)
    store = Store(args.work, settings)
    found = measured(args, settings, store)
    command = (f"OMP_NUM_THREADS=1 python -m core.training.layer_probe --data {args.data} "
               f"--seed {args.seed}")
    write(args.target, found, asdict(settings), command, store.folder)


if __name__ == "__main__":
    main()
