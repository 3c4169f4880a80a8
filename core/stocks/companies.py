"""What else lies in StockNet's folder: which company and sector a ticker stands for, and which
version of the two tables it is."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.stocks.stocknet import PRICES, TWEETS

FILE = "tickers.tsv"
SPELLED = {"Basic Matierials": "Basic Materials"}  # as it stands in the list


@dataclass(frozen=True)
class Company:
    name: str
    sector: str


def companies(folder: Path) -> dict[str, Company]:
    """By ticker, as the prices name it; empty where the list is missing."""
    path = folder / FILE
    if not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        return {
            row["Symbol"].lstrip("$"): Company(
                row["Company"].strip(), SPELLED.get(row["Sector"], row["Sector"])
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def checksums(data: Path) -> dict[str, str]:
    """First 16 hex digits of the SHA-256 of StockNet's two tables."""
    found = {}
    for name in (TWEETS, PRICES):
        for path in (data / name, data / f"{name}.xz"):
            if path.is_file():
                found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
                break
    return found
