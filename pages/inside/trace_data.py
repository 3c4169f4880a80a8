"""What the tree's cards and trail are told: words and symbols of an opened number."""

from typing import Any

import numpy as np

from core.contract import Encoded
from core.derive import QUANTITIES, Address, Node, Terms
from lessons.theme import Theme, number
from lessons.trace.formulas import RUNNING
from lessons.trace.lesson import id_of, part_step, word_of
from lessons.trace.symbols import parameter_kind, symbol
from pages.ui.catalogue import Say

SENT = 1600  # terms sent to the browser; more only the vocabulary has
SIGNED = ("linear", "dot", "mix", "mean")
Card = tuple[dict[str, Any], tuple[np.ndarray, ...]]


def glyph(address: Address, theme: Theme, place: str | None = None) -> dict[str, str]:
    """A number's symbol for the browser."""
    made = symbol(address, place)
    return {"plain": made.plain, "above": made.above_plain, "below": made.below,
            "colour": getattr(theme, made.colour) if made.colour else ""}


def name_of(address: Address, say: Say) -> str:
    """What the number is called in words."""
    if address.quantity == "parameter":
        return say(f"weight_{parameter_kind(address.parameter)}")
    return say(f"name_{address.quantity}")


def place_of(address: Address, encoded: Encoded, model: str, say: Say) -> str:
    """Where it stands: layer, head, piece, coordinate, as plain text."""
    if address.quantity == "parameter":
        return f"{address.parameter}[{', '.join(map(str, address.indices))}]"
    of = address.named()
    said = [f"{say(name)} {of[name]}" for name in ("layer", "head") if name in of]
    if "depth" in of:
        said.append(say("after_layers", depth=of["depth"]))
    if "row" in of:
        said.append(say("of_piece", place=of["row"], piece=encoded.tokens[of["row"]]))
    if "word" in of:
        said.append(say("vocabulary_place", place=of["word"], word=word_of(model, of["word"])))
    if "column" in of:
        said.append(_column(address, of["column"], encoded, say))
    return " · ".join(said)


def _column(address: Address, column: int, encoded: Encoded, say: Say) -> str:
    counted = dict(QUANTITIES[address.quantity].axes)["column"]
    if counted == "pieces":
        return say("to_piece", place=column, piece=encoded.tokens[column])
    if counted == "outcomes":
        return say(f"outcome_{column}")
    return say("coordinate_of", column=column)


def card(
    node: Node, open_step: str, encoded: Encoded, model: str, say: Say, theme: Theme, arrived: str
) -> Card:
    """Header and arrays of one opened number; `open_step` is the factor opened below it."""
    labels = {"parts": say("factors" if node.terms is None else "single_factors")}
    header: dict[str, Any] = {
        "values": [
            {"label": say("float32" if node.kept else "float32_inside"),
             "text": digits(node.value, 9), "help": say("float32_help")},
            {"label": say("float64"), "text": digits(node.exact, 12), "help": say("float64_help")},
        ],
        "difference": say("difference", difference=f"{node.difference:.0e}",
                          limit=f"{node.tolerance:.0e}"),
        "holds": node.holds,
        "parts": [
            {"step": part_step(at), "symbol": glyph(part.address, theme), "value": part.value,
             "words": name_of(part.address, say),
             "leaf": place_of(part.address, encoded, model, say)
             if part.address.quantity == "parameter" else ""}
            for at, part in enumerate(node.parts)
        ],
        "open": open_step, "labels": labels, "arrived": arrived, "terms": None, "sent": 0,
    }
    if node.terms is None:
        return header, ()
    return _with_terms(header, node, node.terms, encoded, model, say, theme)


def _with_terms(
    header: dict[str, Any], node: Node, terms: Terms, encoded: Encoded, model: str, say: Say,
    theme: Theme,
) -> Card:
    places = _order(node, terms)[:SENT]
    opened = header["open"].rstrip("r")
    if opened.isdecimal() and int(opened) not in places:
        places = np.append(places, int(opened))
    others = len(terms) - min(8, len(terms))
    labels = header["labels"]
    labels["terms"] = say(f"terms_{node.formula}", count=len(terms))
    labels["others"] = say("others" if node.formula != "maximum" else "others_alone",
                           count=others)
    labels["any"], labels["open"] = say("any_term", last=len(terms) - 1), say("open")
    if len(terms) > SENT:
        labels["unsent"] = say("unsent", count=len(terms) - SENT)
    rest = "" if node.formula == "maximum" else number(terms.rest(places[:8]))
    header["terms"] = {
        "left": glyph(terms.left.at(-1), theme, "#"),
        "right": glyph(terms.right.at(-1), theme, "#") if terms.right else None,
        "letter": RUNNING[node.formula], "signed": node.formula in SIGNED,
        "result": terms.right is not None or node.formula in ("mean", "variance"),
        "rest": rest, "names": _names(terms, places, encoded, model),
    }
    header["sent"] = len(places)
    arrays = [places.astype(np.int32), terms.left_values[places].astype(np.float32)]
    if terms.right_values is not None:
        arrays.append(terms.right_values[places].astype(np.float32))
    shown = np.maximum(terms.terms[places], -3e38)
    return header, (*arrays, shown.astype(np.float32))


def _order(node: Node, terms: Terms) -> np.ndarray:
    """Largest first; for a maximum, where the sign counts, the highest first."""
    if node.formula == "maximum":
        return np.argsort(-terms.terms, kind="stable")
    return terms.largest(len(terms) if len(terms) <= SENT else SENT)


def _names(
    terms: Terms, places: np.ndarray, encoded: Encoded, model: str
) -> list[str] | None:
    """Each term's piece or word where the sum runs over those, None for coordinates."""
    running = dict(QUANTITIES[terms.left.quantity].axes)
    last = list(running.items())[-1]
    if last == ("word", "vocabulary"):
        return [word_of(model, int(place)) for place in places]
    if last == ("column", "pieces"):
        return [f"{place} {encoded.tokens[place]}" for place in places]
    if last == ("column", "outcomes"):
        return ["IsNext" if place == 0 else "NotNext" for place in places]
    return None


def digits(value: float, count: int) -> str:
    """A number with so many significant digits, for two that are compared digit by digit."""
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        text = f"{value:.{count - 1}e}"
    else:
        whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
        text = f"{value:.{max(0, count - whole)}f}"
    return text.replace("-", "\u2212")


def resolved(step: str, node: Node, model: str) -> str:
    """What was typed to open a term ("?17", "?cat") as a step of the path; "" if there is none."""
    if not step.startswith("?"):
        return step
    asked, terms = step[1:].strip(), node.terms
    if terms is None:
        return ""
    if asked.isascii() and asked.isdecimal() and len(asked) < 7:
        return str(int(asked)) if int(asked) < len(terms) else ""
    if terms.left.quantity == "lens_exponential":
        found = id_of(model, asked)
        return str(found) if found is not None else ""
    return ""
