"""The numbers inside BERT by name, and what each is counted by."""

from dataclasses import dataclass

from core.contract import ModelInfo

# An axis is (name of the index, what it counts).
Axis = tuple[str, str]
LAYER: Axis = ("layer", "layers")
HEAD: Axis = ("head", "heads")
ROW: Axis = ("row", "pieces")
DEPTH: Axis = ("depth", "depths")
HIDDEN: Axis = ("column", "hidden")
SHORT: Axis = ("column", "d_k")
INNER: Axis = ("column", "inner")
LOOKED_AT: Axis = ("column", "pieces")
OUTCOME: Axis = ("column", "outcomes")
WORD: Axis = ("word", "vocabulary")


@dataclass(frozen=True)
class Quantity:
    """A kind of number. `kept` : the traced model pass holds it; else it is a step in between."""

    name: str
    axes: tuple[Axis, ...]
    kept: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its indices, in order."""
        return tuple(name for name, _ in self.axes)

    @property
    def is_line(self) -> bool:
        """Whether its last index runs along a line of numbers that are computed together."""
        return self.names[-1:] in (("column",), ("word",))

    def sizes(self, info: ModelInfo, pieces: int) -> tuple[int, ...]:
        """How many values each index may take, from 0, for a text of so many word pieces."""
        counts = {
            "layers": info.layers, "heads": info.heads, "pieces": pieces, "hidden": info.hidden,
            "d_k": info.d_k, "inner": info.inner, "vocabulary": info.vocabulary,
            "depths": info.layers + 1, "outcomes": 2,
        }
        return tuple(counts[what] for _, what in self.axes)


def _table() -> dict[str, Quantity]:
    rows = (
        *((name, (ROW, HIDDEN)) for name in ("token", "segment", "position", "sum")),
        ("normalized", (ROW, HIDDEN)),
        *((name, (LAYER, HEAD, ROW, SHORT)) for name in ("q", "k", "v")),
        *((name, (LAYER, HEAD, ROW, LOOKED_AT)) for name in ("score", "scaled")),
        ("weight", (LAYER, HEAD, ROW, LOOKED_AT)),
        ("z", (LAYER, HEAD, ROW, SHORT)),
        *((name, (LAYER, ROW, HIDDEN))
          for name in ("attention_output", "attention_residual", "after_attention")),
        *((name, (LAYER, ROW, INNER)) for name in ("ffn_inner", "ffn_activation")),
        *((name, (LAYER, ROW, HIDDEN)) for name in ("ffn_output", "ffn_residual", "after_ffn")),
        ("pooled", (HIDDEN,)),
        ("mlm_logit", (ROW, WORD)),
        ("nsp_logit", (OUTCOME,)),
    )
    between = (
        ("embedding_mean", (ROW,)), ("embedding_variance", (ROW,)),
        *((name, (LAYER, ROW)) for name in ("attention_mean", "attention_variance",
                                            "ffn_mean", "ffn_variance")),
        ("mask", (ROW, LOOKED_AT)),
        *((name, (LAYER, HEAD, ROW, LOOKED_AT)) for name in ("masked", "exponential")),
        *((name, (LAYER, HEAD, ROW)) for name in ("maximum", "total")),
        ("joined", (LAYER, ROW, HIDDEN)),
        ("ffn_phi", (LAYER, ROW, INNER)),
        ("pooled_inner", (HIDDEN,)),
        *((f"mlm_{name}", (DEPTH, ROW, HIDDEN)) for name in ("dense", "phi", "activation")),
        *((f"mlm_{name}", (DEPTH, ROW)) for name in ("mean", "variance")),
        ("mlm_normalized", (DEPTH, ROW, HIDDEN)),
        *((f"lens_{name}", (DEPTH, ROW, WORD))
          for name in ("logit", "exponential", "probability")),
        *((f"lens_{name}", (DEPTH, ROW)) for name in ("maximum", "total")),
        ("mlm_probability", (ROW, WORD)),
        ("nsp_maximum", ()), ("nsp_total", ()),
        *((f"nsp_{name}", (OUTCOME,)) for name in ("exponential", "probability")),
    )
    both = [Quantity(name, axes) for name, axes in rows]
    both += [Quantity(name, axes, kept=False) for name, axes in between]
    return {quantity.name: quantity for quantity in both}


QUANTITIES = _table()
