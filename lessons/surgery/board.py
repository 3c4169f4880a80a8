"""Which heads are off, as a short code for the URL: "0.3,4.7", ranges "4.0-5", a layer "2.*"."""

import re
from collections.abc import Iterable

from core.errors import BadInput
from core.limits import check_index

Heads = tuple[tuple[int, int], ...]
WAYS = ("one", "others", "layer")  # what a click switches
_PART = re.compile(r"(\d{1,3})\.(?:(\*)|(\d{1,3})(?:-(\d{1,3}))?)")


def heads_of(code: str, layers: int, heads: int) -> Heads:
    """The (layer, head) pairs of a code, sorted.

    Raises `BadInput` for a code that cannot be read, `OutOfRange` for what the model has not.
    """
    found: set[tuple[int, int]] = set()
    for part in code.replace(" ", "").split(",") if code.strip() else ():
        read = _PART.fullmatch(part)
        if read is None:
            raise BadInput(f"{part!r} names no head; write layer.head, as in 0.3,4.7.")
        layer = check_index("layer", int(read[1]), layers)
        first = 0 if read[2] else check_index("head", int(read[3]), heads)
        last = heads - 1 if read[2] else check_index("head", int(read[4] or read[3]), heads)
        found |= {(layer, head) for head in range(first, last + 1)}
    return tuple(sorted(found))


def code_of(off: Iterable[tuple[int, int]], heads: int) -> str:
    """The shortest such code."""
    by_layer: dict[int, list[int]] = {}
    for layer, head in sorted(set(off)):
        by_layer.setdefault(layer, []).append(head)
    parts: list[str] = []
    for layer, members in by_layer.items():
        runs = ["*"] if len(members) == heads else _runs(members)
        parts += [f"{layer}.{run}" for run in runs]
    return ",".join(parts)


def _runs(members: list[int]) -> list[str]:
    """Sorted numbers with neighbours drawn together: 1, 2, 3, 7 as 1-3 and 7."""
    runs: list[list[int]] = []
    for head in members:
        if runs and head == runs[-1][-1] + 1:
            runs[-1].append(head)
        else:
            runs.append([head])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def clicked(off: Heads, layer: int, head: int, heads: int, way: str) -> Heads:
    """The heads off after a click.

    way : "one" switches that head; "others" leaves it as the only one of its layer that is on,
    or brings the others back when it was that already; "layer" switches its whole layer
    """
    before = set(off)
    row = {(layer, other) for other in range(heads)}
    if way == "one":
        after = before ^ {(layer, head)}
    elif way == "others":
        alone = row - {(layer, head)}
        after = before - row if before & row == alone else (before - row) | alone
    else:
        after = before - row if row <= before else before | row
    return tuple(sorted(after))
