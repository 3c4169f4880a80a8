"""The models a learner may choose, and how a name leads to one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnknownModel

ASSETS = Path(__file__).parents[2] / "assets"
EMBEDDED = "embedded"
OFFER_SETTING = "INSIDE_BERT_OFFER"  # comma-separated ids a class server offers
FOLDERS_SETTING = "INSIDE_BERT_MODELS"  # local folders to add, separated as in PATH


@dataclass(frozen=True)
class RegistryEntry:
    """A model by its id: "embedded", a hub id, or an absolute folder."""

    id: str
    label: str
    folder: Path | None = None

    @property
    def is_local(self) -> bool:
        return self.folder is not None


def _hub(name: str) -> RegistryEntry:
    return RegistryEntry(f"google-bert/{name}", name)


REGISTRY = (
    RegistryEntry(EMBEDDED, "embedded", ASSETS / "models" / "embedded"),
    _hub("bert-base-uncased"),
    _hub("bert-base-cased"),
    _hub("bert-large-uncased"),
    _hub("bert-base-chinese"),
    _hub("bert-base-multilingual-cased"),
)


def _configured_folders() -> tuple[RegistryEntry, ...]:
    listed = os.environ.get(FOLDERS_SETTING, "")
    names = (name.strip() for name in listed.split(os.pathsep))
    folders = (Path(os.path.expanduser(name)).resolve() for name in names if name)
    return tuple(RegistryEntry(str(f), f.name, f) for f in folders)


def offered(allowed: Sequence[str] | None = None) -> tuple[RegistryEntry, ...]:
    """Entries for the web page: the registry and configured folders, narrowed to `allowed`.

    `allowed` is a list of ids, short names or labels; None reads INSIDE_BERT_OFFER, and
    without that nothing is narrowed. The embedded model stays when nothing else matches.
    """
    entries = REGISTRY + _configured_folders()
    if allowed is None:
        allowed = [a.strip() for a in os.environ.get(OFFER_SETTING, "").split(",") if a.strip()]
    if not allowed:
        return entries
    kept = tuple(e for e in entries if e.id in allowed or e.label in allowed)
    return kept or REGISTRY[:1]


def find(model: str) -> RegistryEntry:
    """The entry for an id, a short name such as bert-base-uncased, or a folder's path.

    Raises `UnknownModel` for anything else.
    """
    for entry in REGISTRY + _configured_folders():
        if model in (entry.id, entry.label):
            return entry
    if os.path.isfile(os.path.join(os.path.expanduser(model), "config.json")):
        folder = Path(os.path.expanduser(model)).resolve()
        return RegistryEntry(str(folder), folder.name, folder)
    raise UnknownModel(model)
