"""What happens to a text before any cutting into pieces: tidy it, then split it into words.

Source: `BasicTokenizer` in the `tokenization.py` published with Devlin et al. 2019.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.wordpiece import characters as known
from core.wordpiece.encoder import tokenizer, without_surrogates

_AT_PUNCTUATION = re.compile(f"({known.PUNCTUATION.pattern})")


@dataclass(frozen=True)
class Rules:
    """Which steps a checkpoint's tokenizer takes; `specials` are never touched by any."""

    clean: bool
    chinese: bool
    accents: bool
    lowercase: bool
    specials: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """The text after one step: typed, clean, cjk, accents or lower.

    parts : the text cut at special tokens, which stand at the odd places
    """

    name: str
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.parts)


@cache
def rules(model_folder: Path) -> Rules:
    """Read the steps from the checkpoint's own tokenizer settings."""
    built = tokenizer(model_folder)
    asked = json.loads(built.normalizer.__getstate__()) if built.normalizer else {}
    lowercase = bool(asked.get("lowercase"))
    accents = asked.get("strip_accents")
    return Rules(
        clean=bool(asked.get("clean_text")),
        chinese=bool(asked.get("handle_chinese_chars")),
        accents=lowercase if accents is None else bool(accents),
        lowercase=lowercase,
        specials=tuple(t.content for t in built.get_added_tokens_decoder().values()),
    )


def cleaned(text: str) -> str:
    """Without control characters; every kind of white space is a plain space."""
    return known.SPACE.sub(" ", known.REMOVED.sub("", text))


def cjk_apart(text: str) -> str:
    """A space on both sides of every CJK character, so that each becomes a word."""
    return known.CJK.sub(r" \g<0> ", text)


def without_accents(text: str) -> str:
    """Letters and accents taken apart, the accents dropped: naïve -> naive."""
    return known.ACCENT.sub("", known.decomposed(text))


def stages(text: str, rule: Rules) -> tuple[Stage, ...]:
    """The text as typed and after each step that this checkpoint takes, in order."""
    steps = (
        ("clean", rule.clean, cleaned),
        ("cjk", rule.chinese, cjk_apart),
        ("accents", rule.accents, without_accents),
        ("lower", rule.lowercase, known.lowered),
    )
    parts = _cut_at_specials(without_surrogates(text), rule.specials)
    passed = [Stage("typed", parts)]
    for name, taken, step in steps:
        if taken:
            parts = tuple(p if i % 2 else step(p) for i, p in enumerate(parts))
            passed.append(Stage(name, parts))
    return tuple(passed)


def _cut_at_specials(text: str, specials: tuple[str, ...]) -> tuple[str, ...]:
    if not specials:
        return (text,)
    longest_first = sorted(specials, key=len, reverse=True)
    return tuple(re.split(f"({'|'.join(map(re.escape, longest_first))})", text))


def split_words(text: str) -> tuple[str, ...]:
    """Words of a normalized text: cut at white space and around every punctuation mark."""
    between_gaps = known.GAP.split(text)
    return tuple(word for run in between_gaps for word in _AT_PUNCTUATION.split(run) if word)
