"""Train a head and its adapter over the embedded model, measure it, write its card.

    python -m core.training.tasks sentiment --data ../shared/data/tasks

Run the same command again to go on after a stop. A finished run is only measured and written
again. Leaves adapter.safetensors, task.json and README.md in assets/tasks/NAME.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

from core.models import files
from core.models.loading import load
from core.models.registry import EMBEDDED
from core.tasks import registry
from core.tasks.adapter import Adapter, read
from core.training.pretrain import BASE_SHA256, base_folder
from core.training.tasks import recipes
from core.training.tasks.calibrate import calibrated
from core.training.tasks.examples import examples
from core.training.tasks.export import write_adapter, write_facts
from core.training.tasks.measure import Judge, class_logits, figures
from core.training.tasks.run import Run
from core.training.tasks.teacher import taught


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.training.tasks",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=list(recipes.RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets")
    parser.add_argument("--base", default=EMBEDDED, help="model that is adapted")
    parser.add_argument("--work", type=Path, default=Path("build/tasks"))
    parser.add_argument("--target", type=Path, default=registry.FOLDER)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--save-every", type=float, default=180, help="seconds")
    parser.add_argument("--rank", type=int, help="another rank than the recipe's")
    parser.add_argument("--items", type=int, help="train on the first so many items only")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse(arguments)
    task, recipe = registry.find(args.task), recipes.find(args.task)
    settings, folder = recipe.settings, files.folder_of(args.base)
    if args.rank:
        settings = replace(settings, rank=args.rank, alpha=2 * args.rank)
    material = recipe.load(args.data)
    target, checksum = args.target / task.name, files.checksum(args.base)
    start = read(args.target / recipe.start) if recipe.start else None
    items = material.train[: args.items]
    if recipe.teaching:
        teacher = base_folder()
        items = taught(
            recipe.teaching, task, items, material.unlabelled[: args.items], base=teacher,
            fingerprint=BASE_SHA256, work=args.work / task.name / "teacher",
            device=args.device, save_every=args.save_every,
        )
    run = Run(
        task, settings, folder, args.work / task.name,
        fingerprint=checksum, start=start, device=args.device,
    )
    learned = examples(items, task, folder, settings.length)
    run.train(learned, save_every=args.save_every)

    def judge_of(adapter: Adapter) -> Judge:
        """The adapter as it is stored, over a fresh copy of the base."""
        write_adapter(adapter, target)
        read.cache_clear()
        return Judge.of(task, read(target), load(args.base, args.device), files.info(args.base),
                        folder)

    adapter = run.model.adapter()
    if recipe.teaching:  # it learned its logits / T
        sharp = recipe.teaching.temperature
        adapter = replace(adapter, weight=adapter.weight * sharp, bias=adapter.bias * sharp)
    judge = judge_of(adapter)
    if material.aside:
        true = [item.label or 0 for item in material.aside]
        judge = judge_of(calibrated(judge.adapter, class_logits(judge, material.aside), true))
    evaluation = {name: figures(judge, items) for name, items in material.held_out.items()}
    training = run.record() | {"examples": len(learned)}
    if recipe.start:
        training["start"] = recipe.start
    if recipe.teaching:
        training["teacher"] = asdict(recipe.teaching) | {
            "encoder": "all-MiniLM-L6-v2", "unlabelled": len(material.unlabelled[: args.items]),
        }
    write_facts(task, judge.adapter, base=checksum, training=training, evaluation=evaluation,
                folder=target)
    print(json.dumps(evaluation))


if __name__ == "__main__":
    main()
