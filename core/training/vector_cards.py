"""Write the card of the word vectors from the records beside them: no figure in it is typed.

    python -m core.training.vector_cards

A section of vector_cards.md opens with a comment naming the records it needs (`<!-- glove -->`
for glove.json) and is left out until all of them are there. `{{glove.loss.train.-1}}` is the
last entry of `train` in `loss` in glove.json.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from core.training.measures import tables
from core.vectors.static import FOLDER

TEMPLATE = Path(__file__).with_name("vector_cards.md")
_SECTION = re.compile(r"^<!-- ([\w ]+) -->\n", re.MULTILINE)
_NAME = re.compile(r"\{\{([\w.-]+)\}\}")
_REPEATABLE = {
    True: "one thread, so the same command gives the same vectors.",
    False: "threads write to shared vectors without locks, so a second run ends a little apart.",
}


def card(folder: Path, template: str) -> str:
    """The card of what is in `folder`. Raises KeyError for a figure that a record lacks."""
    records: dict[str, Any] = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")
    }
    derived = {"files": _files(folder)}
    if "measures" in records:
        derived["measured"] = tables(records["measures"])
    opening, *parts = _SECTION.split(template)
    sections = zip(parts[::2], parts[1::2], strict=True)
    kept = [text for needs, text in sections if all(name in records for name in needs.split())]
    return _NAME.sub(lambda match: _said(records | derived, match[1]), "".join([opening, *kept]))


def _files(folder: Path) -> str:
    shipped = (p for p in sorted(folder.iterdir()) if p.is_file() and p.name != "README.md")
    sizes = {path.name: path.stat().st_size for path in shipped}
    rows = [f"| {name} | {size / 1e6:.2f} |" for name, size in sizes.items()]
    return "\n".join([*rows, f"| together | {sum(sizes.values()) / 1e6:.1f} |"])


def _said(records: dict[str, Any], path: str) -> str:
    found: Any = records
    for key in path.split("."):
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, TypeError) as error:
            raise KeyError(f"no figure {path} beside the weights") from error
    if isinstance(found, bool):
        return _REPEATABLE[found]
    return f"{found:,}" if isinstance(found, int) else str(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    text = card(folder, TEMPLATE.read_text(encoding="utf-8"))
    (folder / "README.md").write_text(text.rstrip() + "\n", encoding="utf-8")
    print(folder / "README.md")


if __name__ == "__main__":
    main()
