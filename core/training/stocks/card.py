"""The card of assets/stocks, written from days.json so that no figure in it is typed."""

import json
import re
from pathlib import Path
from typing import Any

from core.stocks.table import END_TO_END, FACTS, SEARCH, WIDTH

TEMPLATE = Path(__file__).with_name("card.md")
_NAME = re.compile(r"\{\{(\w+)\}\}")


def card(folder: Path) -> str:
    """Raises FileNotFoundError without days.json, KeyError without a figure."""
    found = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in found.items()}
    shown |= {
        "width": str(WIDTH),
        "source": ", ".join(f"{name} {digits}" for name, digits in found["source"].items()),
        "stocknet": _table(found["evaluation"]["stocknet"]),
        "walk": _table(found["evaluation"]["walk-forward"]),
        "search": _search(folder / SEARCH),
        "end_to_end": _end_to_end(folder / END_TO_END),
    }
    return _NAME.sub(lambda match: str(shown[match[1]]), TEMPLATE.read_text(encoding="utf-8"))


def _table(evaluation: dict[str, Any]) -> str:
    lines = [
        f"Majority class {evaluation['majority']:.4f}, n = {evaluation['rows'][0]['n']:,} on "
        f"{evaluation['rows'][0]['days']} days.",
        "",
        "| classifier | days of input | accuracy | 95 % | balanced | MCC | 95 % | p |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        "| {classifier} | {window} | {accuracy:.4f} | {low:.3f} to {high:.3f} | {balanced:.4f} | "
        "{mcc:.4f} | {mcc_low:.3f} to {mcc_high:.3f} | {p_permutation:.3f} |".format(**row)
        for row in evaluation["rows"]
    ]
    return "\n".join(lines)


def _search(path: Path) -> str:
    """What the search for more than chance came to; nothing where it was not made."""
    if not path.is_file():
        return "Not searched yet."
    found = json.loads(path.read_text(encoding="utf-8"))
    best, validated = found["best"], found["validation_mcc"]
    names = f"{best['classifier']} ({best['params']}), {best['window']} days, {best['texts']}"
    sets = " + ".join(best["sets"])
    return (
        f"{found['ways']} ways (features, days of input, which tweets count, one model or one a "
        f"sector, classifier and its parameters) were scored on the {found['validation_n']:,} "
        f"rows of the validation part: MCC from {validated['least']:.3f} to "
        f"{validated['most']:.3f}, mean {validated['mean']:.3f}. The best there, {names}, {sets}, "
        f"pool {best['pool']}, had accuracy {best['accuracy']:.4f} and MCC {best['mcc']:.4f}; on "
        f"the test part, looked at once: {_judged(found['test'])}.\n\n"
        f"Learned attention over each day's tweets with the day's price features, mean of "
        f"{found['attention']['seeds']} seeds, each at its best epoch on the validation part: "
        f"{_judged(found['attention']['test'])}."
    )


def _end_to_end(path: Path) -> str:
    """What the encoder itself learned of the days; nothing where it was not trained."""
    if not path.is_file():
        return "Not trained yet."
    found = json.loads(path.read_text(encoding="utf-8"))
    tried = ", ".join(f"{mcc:.3f}" for mcc in found["validation_mcc"])
    return (
        f"LoRA of rank {found['rank']} from where the head `tweets` left it, on the "
        f"{found['tweets_a_day']} latest different tweets of each of {found['train_n']:,} rows, "
        f"at a peak rate of {found['rate']:g}, seed {found['seed']}; epochs: {found['epochs']}. "
        f"MCC on the validation part after each: {tried}; epoch "
        f"{found['epoch']} on the test part, looked at once: {_judged(found['test'])}; it says up "
        f"on {found['test']['up_said']:.1%} of the rows."
    )


def _judged(test: dict[str, Any]) -> str:
    return (
        "accuracy {accuracy:.4f} ({low:.3f} to {high:.3f}), MCC {mcc:.4f} ({mcc_low:.3f} to "
        "{mcc_high:.3f}), p {p_permutation:.3f}, majority class {majority:.4f}, n = {n:,}"
    ).format(**test)
