"""The licences of what the app runs with, from the installed packages' own metadata.

    python -m bench.licences        writes docs/licences.md

Every package that requirements.txt leads to, on this machine, and the vendored browser libraries.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "licences.md"
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "ISC", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    "Unlicense", "Zlib",
}
"""All of them let the app be used, changed and handed on, also in a closed course server."""
NVIDIA = re.compile(r"nvidia-|cuda-")
"""Run-time libraries that PyTorch's GPU builds bring; NVIDIA's own terms let them be used."""
NAMED = (
    ("Mozilla Public License 2.0", "MPL-2.0"), ("Python Software Foundation", "PSF-2.0"),
    ("Apache", "Apache-2.0"), ("MIT", "MIT"), ("ISC", "ISC"), ("BSD", "BSD"),
    ("Unlicense", "Unlicense"),
)
"""What older metadata writes in words, the first that occurs."""
WORDED = {
    "Permission is hereby granted, free of charge, to any person obtaining a copy": "MIT",
    "Redistribution and use in source and binary forms": "BSD",
    "Apache License": "Apache-2.0",
}
"""How a licence's own text begins, where the metadata names none."""


@dataclass(frozen=True)
class Package:
    """A package that is installed, and its licence as an SPDX expression, "" if none is told."""

    name: str
    version: str
    licence: str

    @property
    def parts(self) -> set[str]:
        """The single licences of the expression."""
        return {part for part in re.split(r"[\s()]+", self.licence)
                if part and part not in ("AND", "OR", "WITH")}

    @property
    def allowed(self) -> bool:
        if NVIDIA.match(self.name):
            return True
        return bool(self.parts) and self.parts <= ALLOWED


def required(listed: Path = ROOT / "requirements.txt") -> list[str]:
    """The names in a requirements file."""
    lines = (line.partition("#")[0].strip() for line in listed.read_text().splitlines())
    return [Requirement(line).name for line in lines if line and not line.startswith("-")]


def installed() -> list[Package]:
    """Everything that requirements.txt leads to on this machine, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(name, frozenset[str]()) for name in required()]
    while waiting:
        name, extras = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key not in found:
            try:
                found[key] = distribution(name)
            except PackageNotFoundError:
                continue  # meant for another platform
            waiting += _asked_for(found[key], extras)
    return [Package(name, d.version, licence(d)) for name, d in sorted(found.items())]


def _asked_for(
    package: Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for line in package.requires or ():
        asked = Requirement(line)
        if asked.marker is None or any(
            asked.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield asked.name, frozenset(asked.extras)


def licence(package: Distribution) -> str:
    """From the expression, else the classifiers, else the name, else the licence's own text."""
    told = package.metadata
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [line.rpartition("::")[2].strip() for line in told.get_all("Classifier", [])
                  if line.startswith("License ::")]
    named = [name for line in classified if (name := _named(line))]
    if named:
        return " OR ".join(dict.fromkeys(named))
    return _named(told["License"][:200] if "License" in told else "") or _worded(package)


def _named(words: str) -> str:
    return next((code for name, code in NAMED if name in words), "")


def _worded(package: Distribution) -> str:
    for file in package.files or ():
        if re.search(r"licen[cs]e|copying", file.name, re.IGNORECASE):
            text = " ".join(str(file.read_text()).split())
            for start, code in WORDED.items():
                if start in text:
                    return code
    return ""


def vendored() -> list[Package]:
    """The browser libraries of assets/vendor."""
    folder = ROOT / "assets" / "vendor"
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    return [
        Package(name.removeprefix("node_modules/"), entry["version"], entry.get("license", ""))
        for name, entry in sorted(locked.items())
        if name and (folder / f"{_short(name)}.LICENSE.txt").exists()
    ]


def _short(name: str) -> str:
    return name.removeprefix("node_modules/").removesuffix("js")


def written() -> str:
    """docs/licences.md as the packages of this machine have it."""
    lines = [
        "# Licences", "",
        "Inside BERT is under the Apache License 2.0 (`LICENSE`). What it runs with, as the "
        "packages' own metadata says:", "",
        "| package | version | licence |", "| --- | --- | --- |",
        *(f"| {p.name} | {p.version.partition('+')[0]} | {p.licence} |"
          for p in installed()), "",
        "Browser libraries in `assets/vendor`:", "",
        "| library | version | licence |", "| --- | --- | --- |",
        *(f"| {p.name} | {p.version} | {p.licence} |" for p in vendored()), "",
        "Written by `make licences`. PyTorch's GPU builds bring NVIDIA's run-time libraries "
        "besides, under NVIDIA's own terms.", "",
    ]
    return "\n".join(lines)


def main() -> None:
    TARGET.write_text(written(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(installed())} packages")


if __name__ == "__main__":
    main()
