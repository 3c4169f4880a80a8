"""Interface strings: assets/locale/<language>/<file>.toml, flat keys, {placeholders}."""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parents[2] / "assets" / "locale"
Say = Callable[..., str]  # an interface string by key, with its placeholders by name
LANGUAGES = {"en": "English", "zh": "简体中文"}


@cache
def strings(language: str, name: str) -> dict[str, str]:
    """One catalogue file; empty when a lesson has none."""
    path = LOCALE / language / f"{name}.toml"
    if not path.exists():
        return {}
    with open(path, "rb") as file:
        return tomllib.load(file)


def translate(language: str, name: str, key: str, /, **facts: object) -> str:
    """The string of `key` in a lesson's catalogue or the common one.

    Raises KeyError for a key that neither has: a missing string is a defect, not a blank.
    """
    own = strings(language, name)
    text = own[key] if key in own else strings(language, "common")[key]
    return text.format(**facts) if facts else text
