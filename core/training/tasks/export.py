"""What a finished run leaves in assets/tasks: the adapter, its facts, its card."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from core.tasks.adapter import Adapter, packed
from core.tasks.registry import CARD, FACTS, MAX_BYTES, WEIGHTS, Task

WORDS = Path(__file__).with_name("cards.toml")
TEMPLATE = Path(__file__).with_name("card.md")


def write_adapter(adapter: Adapter, folder: Path) -> int:
    """adapter.safetensors; returns its size. Raises ValueError above 3 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / WEIGHTS
    save_file(packed(adapter), target)
    target.chmod(0o644)
    size = target.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"the adapter has {size:,} bytes, over {MAX_BYTES:,}")
    return size


def write_facts(
    task: Task, adapter: Adapter, *, base: str, training: dict[str, Any],
    evaluation: dict[str, dict[str, float]], folder: Path,
) -> None:
    """task.json and README.md beside the adapter.

    base : checksum of the weights that the adapter changes; evaluation : figures by held-out set
    """
    said = tomllib.loads(WORDS.read_text(encoding="utf-8"))[task.name]
    facts = {
        "task": task.name, "shape": task.shape, "labels": list(task.labels),
        "base": {"model": "embedded", "checksum": base},
        "adapter": {
            "kind": "LoRA on the six linear maps of every layer, biases and LayerNorms free",
            "rank": adapter.rank, "parameters": adapter.parameters,
            "bytes": (folder / WEIGHTS).stat().st_size,
        },
        "data": said["data"], "licence": said["licence"], "published": said["published"],
        "training": {**training, "exported": datetime.now(UTC).date().isoformat()},
        "evaluation": evaluation,
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")
    (folder / CARD).write_text(card(facts, said), encoding="utf-8")


def card(facts: dict[str, Any], said: dict[str, Any]) -> str:
    """The card of one adapter, every figure from its facts."""
    training, adapter = facts["training"], facts["adapter"]
    rows = [
        f"| {said['sets'][name]} | {label} | {_shown(value)} |"
        for name, figures in facts["evaluation"].items()
        for label, value in figures.items()
    ]
    start = f", begun from the adapter `{training['start']}`" if training.get("start") else ""
    values = {
        "teacher": _teacher(training["teacher"]) if "teacher" in training else "",
        "title": said["title"], "about": said["about"].strip(), "name": facts["task"],
        "labels": ", ".join(facts["labels"]), "data": facts["data"].strip(),
        "licence": facts["licence"], "published": facts["published"].strip(),
        "limits": said["limits"].strip(), "rank": adapter["rank"],
        "parameters": f"{adapter['parameters']:,}", "megabytes": f"{adapter['bytes'] / 1e6:.2f}",
        "figures": "\n".join(rows), "start": start,
        **{key: training[key] for key in
           ("epochs", "batch", "rate", "alpha", "length", "dropout", "seed", "examples")},
        "steps": f"{training['steps']:,}", "pieces": f"{training['pieces']:,}",
        "warmup": f"{training['warmup_share']:.0%}", "exported": training["exported"],
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", str(value))
    return text


def _teacher(found: dict[str, Any]) -> str:
    own = found["settings"]
    return (
        f"\nThe targets are a teacher's (Hinton et al. 2015), softmax of its logits at temperature "
        f"{found['temperature']:g}: {found['encoder']}, the encoder that the embedded model began "
        f"from, all of it but the word table trained on the labelled examples first ("
        f"{own['epochs']:g} epochs, {own['batch']} a step, peak rate {own['rate']:g}, dropout "
        f"{own['dropout']}). {found['unlabelled']:,} of the examples have no other label.\n"
    )


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value > 1 else f"{value:.3f}"
