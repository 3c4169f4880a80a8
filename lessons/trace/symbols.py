"""How a number is written: its letter with layer and head above, piece and coordinate below."""

from dataclasses import dataclass

from core.derive import Address
from lessons.theme import Theme


@dataclass(frozen=True)
class Symbol:
    """A letter in LaTeX and as plain text, what stands above and below it, and its colour.

    colour : the name of a Theme colour, "" for ink
    """

    latex: str
    plain: str
    above: str = ""
    below: str = ""
    colour: str = ""

    @property
    def above_plain(self) -> str:
        return self.above.replace(r"\text{", "").replace("}", "")

    def written(self, theme: Theme) -> str:
        """The symbol in LaTeX, coloured."""
        above = f"^{{{self.above}}}" if self.above else ""
        below = f"_{{{self.below}}}" if self.below else ""
        marked = "^" in self.latex or "'" in self.latex  # two marks above need braces
        base = f"{{{self.latex}}}" if marked else self.latex
        whole = f"{base}{below}{above}"
        return rf"\textcolor{{{getattr(theme, self.colour)}}}{{{whole}}}" if self.colour else whole


_LETTERS = {
    "token": ("t", "t", "token"), "segment": ("s", "s", "segment"),
    "position": ("p", "p", "position"), "sum": ("e", "e", ""),
    "embedding_mean": (r"\mu", "μ", ""), "embedding_variance": (r"\sigma^2", "σ²", ""),
    "normalized": ("x", "x", ""),
    "q": ("q", "q", "query"), "k": ("k", "k", "key"), "v": ("v", "v", "value"),
    "score": ("s", "s", ""), "scaled": (r"\hat{s}", "ŝ", ""), "mask": ("M", "M", ""),
    "masked": (r"\tilde{s}", "s̃", ""), "maximum": ("m", "m", ""),
    "exponential": ("u", "u", ""), "total": ("U", "U", ""), "weight": (r"\alpha", "α", "accent"),
    "z": ("z", "z", "value"), "joined": (r"\bar{z}", "z̄", "value"),
    "attention_output": ("o", "o", ""), "attention_residual": ("r", "r", ""),
    "attention_mean": (r"\mu", "μ", ""), "attention_variance": (r"\sigma^2", "σ²", ""),
    "after_attention": ("a", "a", ""),
    "ffn_inner": ("f", "f", ""), "ffn_phi": (r"\Phi", "Φ", ""), "ffn_activation": ("g", "g", ""),
    "ffn_output": ("y", "y", ""), "ffn_residual": (r"\rho", "ρ", ""),
    "ffn_mean": (r"\mu'", "μ′", ""), "ffn_variance": (r"\sigma'^2", "σ′²", ""),
    "after_ffn": ("x", "x", ""),
    "pooled_inner": ("c", "c", ""), "pooled": ("C", "C", ""),
    "mlm_dense": ("h", "h", ""), "mlm_phi": (r"\Phi", "Φ", ""), "mlm_activation": ("g", "g", ""),
    "mlm_mean": (r"\mu", "μ", ""), "mlm_variance": (r"\sigma^2", "σ²", ""),
    "mlm_normalized": ("n", "n", ""),
    "mlm_logit": (r"\ell", "ℓ", ""), "mlm_probability": ("P", "P", "accent"),
    "lens_logit": (r"\ell", "ℓ", ""), "lens_maximum": ("m", "m", ""),
    "lens_exponential": ("u", "u", ""), "lens_total": ("U", "U", ""),
    "lens_probability": ("P", "P", "accent"),
    "nsp_logit": (r"\ell", "ℓ", ""), "nsp_maximum": ("m", "m", ""),
    "nsp_exponential": ("u", "u", ""), "nsp_total": ("U", "U", ""),
    "nsp_probability": ("P", "P", "accent"),
}

# The end of a module's name in the state dict: letter, mark above, colour, and its name's key.
_MODULES = {
    "word_embeddings": ("E", "tok", "token", "words"),
    "token_type_embeddings": ("E", "seg", "segment", "segments"),
    "position_embeddings": ("E", "pos", "position", "positions"),
    "self.query": ("W", "Q", "query", "query"), "self.key": ("W", "K", "key", "key"),
    "self.value": ("W", "V", "value", "value"),
    "attention.output.dense": ("W", "O", "", "output"),
    "intermediate.dense": ("W", "1", "", "ffn_in"), "output.dense": ("W", "2", "", "ffn_out"),
    "pooler.dense": ("W", "P", "", "pooler"), "transform.dense": ("W", "M", "", "mlm"),
    "seq_relationship": ("W", "N", "", "nsp"),
}
_WORD_BIAS = "cls.predictions.bias"


def parameter_kind(name: str) -> str:
    """Which kind of weight this is: the end of its key in the catalogue."""
    if name == _WORD_BIAS:
        return "words_bias"
    module, _, end = name.rpartition(".")
    if module.endswith("LayerNorm"):
        return "gamma" if end == "weight" else "beta"
    kind = _module(module)[-1]
    return f"{kind}_bias" if end == "bias" else kind


def _module(name: str) -> tuple[str, str, str, str]:
    return next(found for end, found in _MODULES.items() if name.endswith(end))


def _parameter(address: Address, place: str | None) -> Symbol:
    name = address.parameter
    module, _, end = name.rpartition(".")
    layer = name.split(".")[3] if ".encoder.layer." in name else ""
    below = ",".join(_filled(tuple(map(str, address.indices)), place, address.indices))
    if name == _WORD_BIAS:
        return Symbol("b", "b", "V", below)
    if module.endswith("LayerNorm"):
        latex, plain = (r"\gamma", "γ") if end == "weight" else (r"\beta", "β")
        return Symbol(latex, plain, layer, below)
    letter, mark, colour, _ = _module(module)
    above = rf"\text{{{mark}}}" if len(mark) == 3 else mark + (f",{layer}" if layer else "")
    letter = "b" if end == "bias" else letter
    return Symbol(letter, letter, above, below, colour)


def _filled(names: tuple[str, ...], place: str | None, indices: tuple[int, ...]) -> list[str]:
    """Indices as text; a running one, written as -1 in the address, by its letter."""
    return [place if index < 0 and place else name
            for name, index in zip(names, indices, strict=True)]


def symbol(address: Address, place: str | None = None) -> Symbol:
    """How the number at this address is written; `place` is the letter of a running index."""
    if address.quantity == "parameter":
        return _parameter(address, place)
    latex, plain, colour = _LETTERS[address.quantity]
    of = {name: place if index < 0 and place else str(index)
          for name, index in address.named().items()}
    above = [of.pop(name) for name in ("layer", "head", "depth") if name in of]
    if address.quantity == "after_ffn":  # the stream after layer l is hidden_states[l + 1]
        above = [f"({address.named()['layer'] + 1})"]
    elif address.quantity == "normalized":
        above = ["(0)"]
    return Symbol(latex, plain, ",".join(above), ",".join(of.values()), colour)
