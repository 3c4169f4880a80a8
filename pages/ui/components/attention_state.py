"""What an attention view shows, as codes in the URL and as what its browser part sends."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

SHOWS = ("grid", "lines", "matrix")
LOOKS = ("all", "aa", "ab", "ba", "bb")
TOPS = (0, 1, 2, 3, 5, 10)
MOST_LEAST = 60
_FILTER = re.compile(r"(all|aa|ab|ba|bb)\.(c?s?p?)\.(\d{1,2})\.(\d{1,2})")
_SECOND = re.compile(r"(\d{1,3})\.(\d{1,3})")
_PIN = re.compile(r"(\d{0,3})\.(\d{0,3})")


@dataclass(frozen=True)
class View:
    """One attention view: the opened head or heads, what is filtered out, what is pinned.

    show : "grid" all heads, "lines" or "matrix" an opened one
    second : (layer, head) beside the first, or None
    look : "all", or from which sentence to which; hide : letters of c ([CLS]), s ([SEP]), p
        (punctuation); least : smallest weight drawn, in hundredths; top : strongest links kept
        a row, 0 for all
    pin : (query piece, key piece), either may be None
    """

    show: str = "grid"
    layer: int = 0
    head: int = 0
    second: tuple[int, int] | None = None
    look: str = "all"
    hide: str = ""
    least: int = 0
    top: int = 0
    pin: tuple[int | None, int | None] | None = None

    @property
    def filter(self) -> str:
        return f"{self.look}.{self.hide}.{self.least}.{self.top}"

    def codes(self) -> dict[str, str]:
        """The view as URL values, by name."""
        one, two = self.pin or (None, None)
        return {
            "view": self.show,
            "layer": str(self.layer),
            "head": str(self.head),
            "second": f"{self.second[0]}.{self.second[1]}" if self.second else "",
            "filter": self.filter,
            "pin": f"{'' if one is None else one}.{'' if two is None else two}"
            if self.pin else "",
        }

    def filtered(self, code: str) -> "View":
        """This view with the filter of a code."""
        found = _FILTER.fullmatch(code)
        assert found
        return replace(self, look=found[1], hide=found[2], least=int(found[3]), top=int(found[4]))


@dataclass(frozen=True)
class Size:
    """How many layers, columns (heads and, where there is one, their average) and pieces."""

    layers: int
    columns: int
    pieces: int


Read = Callable[[str], str | None]


def readers(size: Size) -> dict[str, Read]:
    """For each URL name what accepts a code: the code itself, or None where it is impossible."""

    def number(below: int) -> Read:
        def read(code: str) -> str | None:
            return code if code.isascii() and code.isdigit() and int(code) < below else None

        return read

    def second(code: str) -> str | None:
        found = _SECOND.fullmatch(code)
        fits = found and int(found[1]) < size.layers and int(found[2]) < size.columns
        return code if fits or not code else None

    def filter(code: str) -> str | None:
        found = _FILTER.fullmatch(code)
        fits = found and int(found[3]) <= MOST_LEAST and int(found[4]) in TOPS
        return code if fits else None

    def pin(code: str) -> str | None:
        """A pin outside a new, shorter text is let go without a word."""
        found = _PIN.fullmatch(code)
        ends = [end for end in (found.groups() if found else ()) if end]
        return code if ends and all(int(end) < size.pieces for end in ends) else ""

    return {
        "view": lambda code: code if code in SHOWS else None,
        "layer": number(size.layers), "head": number(size.columns),
        "second": second, "filter": filter, "pin": pin,
    }


def view_of(codes: dict[str, str]) -> View:
    """The view of accepted codes."""
    pair = _SECOND.fullmatch(codes["second"])
    ends = _PIN.fullmatch(codes["pin"])
    view = View(
        codes["view"], int(codes["layer"]), int(codes["head"]),
        (int(pair[1]), int(pair[2])) if pair else None,
        pin=tuple(int(e) if e else None for e in ends.groups()) if codes["pin"] and ends else None,  # type: ignore[arg-type]
    )
    return view.filtered(codes["filter"])


def view_from_browser(sent: dict[str, Any]) -> View:
    """What the browser part sends when something was chosen; checked afterwards as codes."""
    second, pin = sent.get("second"), sent.get("pin")
    return View(
        str(sent["show"]), int(sent["layer"]), int(sent["head"]),
        (int(second[0]), int(second[1])) if second else None,
        str(sent["look"]), str(sent["hide"]), int(sent["least"]), int(sent["top"]),
        tuple(None if end is None else int(end) for end in pin) if pin else None,  # type: ignore[arg-type]
    )
