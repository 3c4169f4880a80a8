"""One number of the model and its derivation, opened step by step down to the weights."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.contract import AttentionMask, Encoded
from core.derive import QUANTITIES, Address, Derivation, Node
from core.derive.reach import Reach
from core.engine.cache import SharedCache
from core.engine.protocol import Engine
from core.errors import WordNotOnePiece
from core.models.files import folder_of
from core.wordpiece.encoder import tokenizer
from lessons.proof import Check, Proof
from lessons.text import Preset
from lessons.trace.formulas import PLAIN

SHOWN = 3  # the last opened numbers are shown with every term
MOST_STEPS = 300
CACHE_BYTES = 96 * 2**20
WAIT = 60.0
_STEP = re.compile(r"(?P<part>[a-e])|(?P<place>\d{1,6})(?P<right>r?)")

OFFERED = (
    "token", "segment", "position", "sum", "normalized", "q", "k", "v", "score", "scaled",
    "masked", "weight", "z", "attention_output", "attention_residual", "after_attention",
    "ffn_inner", "ffn_activation", "ffn_output", "ffn_residual", "after_ffn", "lens_logit",
    "lens_probability", "mlm_logit", "mlm_probability", "pooled", "nsp_logit", "nsp_probability",
)  # what the chooser lists, in the order of the forward pass


@dataclass(frozen=True)
class Request:
    """Which number of a text. Indices that the quantity has not are left out of account.

    word : a word piece, for a quantity over the vocabulary; "" is the likeliest there
    depth : after how many layers the masked-LM head reads (the logit lens)
    path : the opened factors from the number down: a to e a single factor, 17 the left and
        17r the right factor of term 17; joined by dots
    """

    text: str
    text_b: str = ""
    model: str = "embedded"
    quantity: str = "weight"
    layer: int = 0
    head: int = 0
    row: int = 1
    column: int = 1
    depth: int = 0
    word: str = ""
    mask: AttentionMask = "bidirectional"
    path: str = ""


@dataclass(frozen=True)
class Result:
    """The number and the opened ones under it, top first.

    nodes : those before the last `SHOWN` without their terms; steps : what opened each but the
    first; reach : how many weights of the file the number depends on; parameters : how many
    the file has; word : the vocabulary piece, if one is meant
    """

    encoded: Encoded
    nodes: tuple[Node, ...]
    steps: tuple[str, ...]
    reach: int
    parameters: int
    word: str
    proof: Proof

    @property
    def path(self) -> str:
        return ".".join(self.steps)


_derivations = SharedCache(CACHE_BYTES, size=lambda made: made.nbytes)


def derivation_of(engine: Engine, request: Request) -> Derivation:
    """The opened text, shared by all who ask for the same. Raises the errors of `trace`."""
    key = (id(engine), request.text, request.text_b, request.model, request.mask)

    def compute() -> Derivation:
        return Derivation(
            engine, request.text, request.text_b or None, model=request.model, mask=request.mask
        )

    made: Derivation = _derivations.get(key, compute, WAIT)
    return made


def run(engine: Engine, request: Request) -> Result:
    """Open the number and the factors that the path names; a step that leads nowhere ends it.

    Raises `OutOfRange`, `MissingHead`, `WordNotOnePiece`, `BadInput`, and those of `Engine.trace`.
    """
    opened = derivation_of(engine, request)
    address = address_of(engine, request)
    nodes = [opened.open(opened.check(address.quantity, address.indices))]
    steps: list[str] = []
    for step in request.path.split(".")[:MOST_STEPS]:
        child = child_of(nodes[-1], step)
        if child is None:
            break
        steps.append(step)
        nodes.append(opened.open(child))
    reach = Reach(opened.info, opened.encoded, opened.model.allowed).count(address)
    checks = tuple(_check(node) for node in nodes)
    word = ""
    if "word" in address.named():
        word = word_of(request.model, address.named()["word"])
    return Result(
        opened.encoded,
        tuple(node if at >= len(nodes) - SHOWN else replace(node, terms=None)
              for at, node in enumerate(nodes)),
        tuple(steps), reach, opened.info.parameters, word, Proof(checks),
    )


def _check(node: Node) -> Check:
    name = node.address.parameter or node.address.quantity
    place = ", ".join(map(str, node.address.indices))
    return Check(f"{name}[{place}]", PLAIN[node.formula], abs(node.value - node.recomputed),
                 node.size)


def address_of(engine: Engine, request: Request) -> Address:
    """The number that a request means. Raises `BadInput`, `WordNotOnePiece`."""
    if request.quantity not in QUANTITIES:
        return derivation_of(engine, request).check(request.quantity, ())
    indices = [
        _word_id(engine, request) if name == "word" else int(getattr(request, name))
        for name in QUANTITIES[request.quantity].names
    ]
    return Address(request.quantity, tuple(indices))


def _word_id(engine: Engine, request: Request) -> int:
    """The piece's place in the vocabulary; without a piece the likeliest one's."""
    if not request.word.strip():
        opened = derivation_of(engine, request)
        quantity, front = (
            ("mlm_logit", (request.row,)) if request.quantity.startswith("mlm")
            else ("lens_logit", (request.depth, request.row))
        )
        opened.check(quantity, (*front, 0))
        return int(opened.model.line(quantity, front).argmax())
    word = request.word.strip()
    found = id_of(request.model, word)
    if found is None:
        raise WordNotOnePiece(word, len(engine.tokenize(request.model, word)) - 2)
    return found


def id_of(model: str, word: str) -> int | None:
    """A piece's place in the vocabulary, as written or in lower case; None where it has none."""
    pieces = tokenizer(folder_of(model))
    found = pieces.token_to_id(word)
    return pieces.token_to_id(word.lower()) if found is None else found


def word_of(model: str, index: int) -> str:
    """A piece of the vocabulary by its place."""
    return tokenizer(folder_of(model)).id_to_token(index) or f"[{index}]"


def child_of(node: Node, step: str) -> Address | None:
    """What a step of a path opens, None where it leads nowhere."""
    found = _STEP.fullmatch(step)
    if found is None:
        return None
    if found["part"]:
        at = ord(found["part"]) - ord("a")
        return node.parts[at].address if at < len(node.parts) else None
    place, terms = int(found["place"]), node.terms
    if terms is None or place >= len(terms):
        return None
    line = terms.right if found["right"] else terms.left
    return line.at(place) if line is not None else None


def float32_gap(value: float) -> float:
    """How far apart two neighbouring float32 numbers lie there."""
    return float(np.spacing(np.float32(value)))


def part_step(at: int) -> str:
    return chr(ord("a") + at)


def default_request(preset: Preset, model: str) -> Request:
    controls = preset.controls
    asked: dict[str, Any] = {k: controls[k] for k in ("quantity", "word", "path") if k in controls}
    asked |= {k: int(controls[k]) for k in ("layer", "head", "row", "depth") if k in controls}
    column = next((controls[k] for k in ("to", "col", "outcome") if k in controls), None)
    if column is not None:
        asked["column"] = int(column)
    mask: AttentionMask = "causal" if controls.get("mask") == "causal" else "bidirectional"
    return Request(preset.text, preset.text_b, model, mask=mask, **asked)


def to_json(result: Result) -> dict[str, Any]:
    """quantity, indices, value, float64, formula, factors of the last opened number."""
    node = result.nodes[-1]
    found: dict[str, Any] = {
        "tokens": list(result.encoded.tokens), "path": result.path, **_named(node.address),
        "value": node.value, "float64": node.exact, "difference": node.difference,
        "tolerance": node.tolerance, "formula": node.formula, "written": PLAIN[node.formula],
        "factors": [
            {"role": part.role, **_named(part.address), "value": part.value, "float64": part.exact}
            for part in node.parts
        ],
        "weights_behind_it": result.reach,
    }
    if node.terms is not None:
        found["terms"] = _terms(node, node.terms.largest(12))
        found["number_of_terms"] = len(node.terms)
        found["other_terms"] = node.terms.rest(node.terms.largest(12))
    return found


def _terms(node: Node, places: np.ndarray) -> list[dict[str, Any]]:
    terms = node.terms
    assert terms is not None
    rows = []
    for place in map(int, places):
        row = {"place": place, "left": {**_named(terms.left.at(place)),
                                        "value": float(terms.left_values[place])}}
        if terms.right is not None and terms.right_values is not None:
            row["right"] = {**_named(terms.right.at(place)),
                            "value": float(terms.right_values[place])}
        rows.append({**row, "term": float(terms.terms[place]),
                     "float64": float(terms.exact[place])})
    return rows


def _named(address: Address) -> dict[str, Any]:
    named: dict[str, Any] = {"quantity": address.quantity, "indices": address.named()}
    return {**named, "parameter": address.parameter} if address.parameter else named
