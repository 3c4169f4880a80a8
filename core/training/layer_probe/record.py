"""What the measurement leaves in assets/layers: its figures, the probes' weights, a card."""

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from core.models.files import checksum
from core.models.registry import EMBEDDED
from core.training.layer_probe.tagger import BILSTM, LINEAR

FIGURES, PROBES, CARD = "probe.json", "probes.safetensors", "README.md"
TEMPLATE = Path(__file__).with_name("card.md")
MAX_BYTES = 10**6


def write(
    target: Path, found: dict[str, Any], settings: dict[str, Any], command: str, parts: Path
) -> None:
    """probe.json, probes.safetensors and README.md. parts : folder with the probes' weights"""
    target.mkdir(parents=True, exist_ok=True)
    record = {
        "model": checksum(EMBEDDED), "command": command, "settings": settings,
        "readers": {"linear": asdict(LINEAR), "bilstm": asdict(BILSTM)},
        "machine": f"one thread, {platform.machine()}", **found,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (target / FIGURES).write_text(text + "\n", encoding="utf-8")
    _write_probes(target / PROBES, found, parts)
    (target / CARD).write_text(card(record), encoding="utf-8")


def _write_probes(path: Path, found: dict[str, Any], parts: Path) -> None:
    arrays = {}
    for task, facts in found["tasks"].items():
        for row in facts["layers"]:
            with np.load(parts / f"weights-{task}-{row['layer']}.npz") as file:
                for name in ("weight", "bias"):
                    arrays[f"{task}.{row['layer']}.{name}"] = file[name].astype(np.float16)
    save_file(arrays, path)
    path.chmod(0o644)
    if (size := path.stat().st_size) > MAX_BYTES:
        raise ValueError(f"the probes have {size:,} bytes, over {MAX_BYTES:,}")


def card(record: dict[str, Any]) -> str:
    """The card, every figure from the record."""
    values = {
        "model": record["model"], "command": record["command"],
        "steps": record["settings"]["steps"],
        "seeds": record["settings"]["seeds"], "bilstm_seeds": record["settings"]["bilstm_seeds"],
        "linear_epochs": record["readers"]["linear"]["epochs"],
        "least": record["readers"]["linear"]["least"],
        "linear_rate": record["readers"]["linear"]["rate"],
        "bilstm_epochs": record["readers"]["bilstm"]["epochs"],
        "bilstm_rate": record["readers"]["bilstm"]["rate"],
        "units": record["readers"]["bilstm"]["units"],
        "choices": _choices(record["choices"]), "cost": _cost(record["cost"]),
        **{f"{task}_{name}": f"{facts[name]:,}" for task, facts in record["tasks"].items()
           for name in ("train_sentences", "train_words", "test_sentences", "test_words")},
        **{f"{task}_layers": _layers(facts) for task, facts in record["tasks"].items()},
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", str(value))
    return text


def _shown(row: dict[str, float]) -> str:
    return f"{row['figure']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"


def _choices(choices: dict[str, Any]) -> str:
    return "\n".join(
        f"| {name} | {_shown(row['linear'])} | {row['linear']['accuracy']:.1%} "
        f"| {_shown(row['bilstm'])} | {row['bilstm']['accuracy']:.1%} |"
        for name, row in choices.items()
    )


def _layers(facts: dict[str, Any]) -> str:
    lines = [f"| {row['layer']} | {_shown(row)} | {row['control']:.1%} |"
             for row in facts["layers"]]
    lines += [f"| {name} | {_shown(row)} | |" for name, row in facts["baselines"].items()]
    return "\n".join(lines)


def _cost(costs: dict[str, Any]) -> str:
    return "\n".join(
        f"| {task} | {row['way']} | {row['sentences']:,} | {row['seconds']:,.0f} | {_shown(row)} |"
        for task, rows in costs.items() for row in rows
    )
