"""The records of what heads do, and the card that is written from them: no figure is typed."""

import datetime
import json
from pathlib import Path
from typing import Any

from core.heads import measured
from core.heads.measured import FOLDER
from core.heads.roles import ROLES, assign, thresholds
from core.models.files import checksum
from core.models.registry import EMBEDDED

__all__ = ["FOLDER", "card", "origin", "write_card", "write_json"]


def origin(command: str) -> dict[str, Any]:
    """What each record opens with: the weights it is of, the command, the day."""
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"model": checksum(EMBEDDED), "command": command, "date": day}


def write_json(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def card(folder: Path) -> str:
    """The card of what is in `folder`; a part that was not made is left out."""
    parts = [_OPENING.format(model=checksum(EMBEDDED))]
    if (roles := measured.roles(folder)) is not None:
        chosen, bars = assign(roles.measures), thresholds()
        counts = "\n".join(
            f"| {role} | {bars[r]:g} | {int(roles.rows[r]):,} | {roles.measures[r].max():.3f} "
            f"| {int((chosen == r).sum())} |"
            for r, role in enumerate(ROLES)
        )
        parts.append(_ROLES.format(
            command=roles.command, date=roles.date, windows=roles.windows,
            pieces=f"{roles.pieces:,}", limit=roles.limit, counts=counts, heads=chosen.size,
        ))
    if (hunt := measured.hunt(folder)) is not None:
        parts.append(_HUNT.format(
            command=hunt.command, date=hunt.date, least=hunt.least,
            dev=hunt.sentences["dev"], test=hunt.sentences["test"],
            scored=hunt.scored["test"], annotated=hunt.annotated["test"], rows=_rows(hunt),
        ))
    return "\n".join(parts)


def _rows(hunt: measured.Hunt) -> str:
    rows = []
    for number, name in enumerate(hunt.relations):
        offset, baseline = hunt.best_offset(number)
        cells = [name, str(int(hunt.test_arcs[number]))]
        for direction in (0, 1):
            layer, head = hunt.best_head(number, direction)
            share = hunt.test(number, direction, layer, head)
            low, high = share.interval
            cells.append(f"{layer}.{head}: {share.value:.1%} [{low:.1%}, {high:.1%}]")
        low, high = baseline.interval
        cells.append(f"{offset:+d}: {baseline.value:.1%} [{low:.1%}, {high:.1%}]")
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def write_card(folder: Path) -> None:
    (folder / "README.md").write_text(card(folder), encoding="utf-8")


_OPENING = """# What the embedded model's heads do

Figures of the weights whose SHA-256 begins with `{model}`; the app does not use them with
others. Layers and heads count from 0. The measures and rules are those of Clark, Khandelwal,
Levy and Manning 2019, "What Does BERT Look At?", as `core/heads` writes them out.
"""
_ROLES = """## roles.json
Made by `{command}` on {date}.

{windows} windows of at most {limit} word pieces, {pieces} pieces in all,
one held-out article of Simple English Wikipedia each (CC BY-SA 4.0, by its contributors; none
of them was seen in training). A measure is the mean over the pieces that look, [CLS] and [SEP]
themselves left out. A head has the role whose measure reaches its bar; of several the one that
exceeds it most, as a ratio. The bar is a share of the head's attention, for "broad" a share of
the largest possible entropy.

| role | bar | looking pieces | largest measure of a head | heads of {heads} |
|---|---|---|---|---|
{counts}
"""
_HUNT = """## hunt.npz and hunt.json
Made by `{command}` on {date}.

Every sentence of the dev ({dev}) and test ({test}) set of Universal
Dependencies English EWT (CC BY-SA 4.0). Relations with at least {least} arcs in both sets.
Of {annotated} such arcs of the test set {scored} are scored; in the others one word has no word
piece of its own (the "not" of "cannot"). Word-level attention: sum over the pieces of the word
that is looked at, mean over those of the word that looks; [CLS], [SEP] and the word itself are
left out. Head and offset are chosen on dev; accuracy and 95 % interval (Wilson) are of test.

| relation | arcs | dependent looks at its head | head looks at its dependent | best fixed offset |
|---|---|---|---|---|
{rows}
"""
