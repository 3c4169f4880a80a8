"""From a tag a word to names: BIO read as the CoNLL scorer reads it. No torch."""

from collections.abc import Sequence

from core.contract import Entity, TaggedWord


def stretches(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """(first, after the last, kind) of every name. An I- that continues nothing begins one.

    Source: Tjong Kim Sang and De Meulder 2003, conlleval.
    """
    found: list[tuple[int, int, str]] = []
    begun: tuple[int, str] | None = None
    for i, tag in enumerate([*tags, "O"]):
        edge, _, kind = tag.partition("-")
        if begun and not (edge == "I" and kind == begun[1]):
            found.append((begun[0], i, begun[1]))
            begun = None
        if kind and begun is None:
            begun = (i, kind)
    return found


def entities(words: Sequence[TaggedWord], text: str) -> tuple[Entity, ...]:
    """The names among tagged words."""
    found = []
    for first, after, kind in stretches([word.tag for word in words]):
        own = words[first:after]
        start, end = own[0].start, own[-1].end
        found.append(
            Entity(text[start:end], kind, start, end, min(word.probability for word in own))
        )
    return tuple(found)
