"""The card of assets/stocks, written from days.json so that no figure in it is typed."""

import json
import re
from pathlib import Path
from typing import Any

from core.stocks.table import FACTS, WIDTH

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
