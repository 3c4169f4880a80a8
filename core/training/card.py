"""Write the embedded model's card from its own files, so that no figure in it is typed.

    python -m core.training.card

Reads config.json, training.json, evaluation.json and the weights' header; writes README.md.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from core.models.files import info

TEMPLATE = Path(__file__).with_name("card.md")
FOLDER = Path(__file__).parents[2] / "assets" / "models" / "embedded"
_NAME = re.compile(r"\{\{(\w+)\}\}")


def card(folder: Path) -> str:
    """The card of the model in `folder`.

    Raises FileNotFoundError when a file is missing, KeyError when a figure is.
    """
    facts = _shape(folder) | _training(_read(folder, "training")) | _figures(
        _read(folder, "evaluation")
    )
    return _NAME.sub(lambda match: str(facts[match[1]]), TEMPLATE.read_text(encoding="utf-8"))


def _read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _shape(folder: Path) -> dict[str, object]:
    model = info(str(folder))
    return {
        "layers": model.layers, "heads": model.heads, "hidden": model.hidden, "d_k": model.d_k,
        "inner": model.inner, "vocabulary": f"{model.vocabulary:,}",
        "max_positions": model.max_positions, "parameters": f"{model.parameters / 1e6:.1f} M",
        "megabytes": f"{(folder / 'model.safetensors').stat().st_size / 1e6:.1f}",
    }


def _training(record: dict[str, Any]) -> dict[str, object]:
    recipe = dict(record["recipe"])
    masked, random = recipe["of_those_masked"], recipe["of_those_random"]
    runs = "; ".join(f"run {n}: {_run(run)}" for n, run in enumerate(record["runs"], start=1))
    return recipe | {
        "base": record["base"], "tokens": f"{record['tokens']:,}", "steps": f"{record['steps']:,}",
        "runs": f"{runs.capitalize()}.", "exported": record["exported"],
        "chosen": f"{recipe['chosen']:.0%}", "masked": f"{masked:.0%}", "random": f"{random:.0%}",
        "kept": f"{1 - masked - random:.0%}", "next": f"{recipe['next_sentence_true']:.0%}",
        "warmup": f"{recipe['warmup_share']:.0%}", "decay": f"{recipe['decay_share']:.0%}",
    }


def _run(run: dict[str, Any]) -> str:
    said = f"{run['tokens']:,} pieces, {run['steps']:,} steps, seed {run['seed']}"
    if lengths := run.get("lengths"):
        ends = " and ".join(f"{length:,}" for length in lengths)
        said += f", lengthened, so that the rate fell to zero at {ends} pieces"
    return said


def _figures(evaluation: dict[str, Any]) -> dict[str, object]:
    return {k: f"{v:.3f}" if isinstance(v, float) else f"{v:,}" for k, v in evaluation.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=FOLDER)
    folder = parser.parse_args().model
    (folder / "README.md").write_text(card(folder), encoding="utf-8")
    print(folder / "README.md")


if __name__ == "__main__":
    main()
