"""BERT as a table: which numbers a number is made of, and with which weights of the file.

Fronts are the indices of a line of numbers without its last one: (layer, row), (depth, row) ...
"""

from dataclasses import dataclass

Front = tuple[int, ...]
Line = tuple[str, Front]

WORDS = "bert.embeddings.word_embeddings.weight"
TABLES = {
    "token": WORDS,
    "segment": "bert.embeddings.token_type_embeddings.weight",
    "position": "bert.embeddings.position_embeddings.weight",
}
WORD_BIAS = "cls.predictions.bias"
PROJECTIONS = {"q": "query", "k": "key", "v": "value"}


@dataclass(frozen=True)
class Norm:
    """y = LayerNorm(of); mean and variance are quantities of their own."""

    of: str
    mean: str
    variance: str
    module: str


@dataclass(frozen=True)
class Linear:
    """y = of W^T + b."""

    of: str
    module: str


@dataclass(frozen=True)
class Gelu:
    """y = of * phi, phi = the normal distribution's share below `of`."""

    of: str
    phi: str


@dataclass(frozen=True)
class Softmax:
    """p = exponential / total, exponential = exp(of - maximum)."""

    of: str
    maximum: str
    exponential: str
    total: str


_LAYER = "bert.encoder.layer.{layer}."
NORMS = {
    "normalized": Norm("sum", "embedding_mean", "embedding_variance", "bert.embeddings.LayerNorm"),
    "after_attention": Norm("attention_residual", "attention_mean", "attention_variance",
                            f"{_LAYER}attention.output.LayerNorm"),
    "after_ffn": Norm("ffn_residual", "ffn_mean", "ffn_variance", f"{_LAYER}output.LayerNorm"),
    "mlm_normalized": Norm("mlm_activation", "mlm_mean", "mlm_variance",
                           "cls.predictions.transform.LayerNorm"),
}
LINEARS = {
    **{name: Linear("x", f"{_LAYER}attention.self.{module}")
       for name, module in PROJECTIONS.items()},
    "attention_output": Linear("joined", f"{_LAYER}attention.output.dense"),
    "ffn_inner": Linear("after_attention", f"{_LAYER}intermediate.dense"),
    "ffn_output": Linear("ffn_activation", f"{_LAYER}output.dense"),
    "pooled_inner": Linear("x", "bert.pooler.dense"),
    "nsp_logit": Linear("pooled", "cls.seq_relationship"),
    "mlm_dense": Linear("x", "cls.predictions.transform.dense"),
}
GELUS = {
    "ffn_activation": Gelu("ffn_inner", "ffn_phi"),
    "mlm_activation": Gelu("mlm_dense", "mlm_phi"),
}
SOFTMAXES = {
    "weight": Softmax("masked", "maximum", "exponential", "total"),
    "lens_probability": Softmax("lens_logit", "lens_maximum", "lens_exponential", "lens_total"),
    "mlm_probability": Softmax("mlm_logit", "lens_maximum", "lens_exponential", "lens_total"),
    "nsp_probability": Softmax("nsp_logit", "nsp_maximum", "nsp_exponential", "nsp_total"),
}
SUMS = {
    "sum": ("token", "segment", "position"),
    "attention_residual": ("attention_output", "x"),
    "ffn_residual": ("ffn_output", "after_attention"),
}


def state(depth: int, row: int) -> Line:
    """The line of hidden_states[depth] at one piece: after so many layers."""
    return ("after_ffn", (depth - 1, row)) if depth else ("normalized", (row,))


def source(of: str, quantity: str, front: Front, layers: int) -> Line:
    """The line that a rule's `of` means for `quantity` at `front`; "x" is what enters there."""
    if of == "x" and quantity == "pooled_inner":
        return state(layers, 0)
    if of == "x":  # (layer, head, row), (layer, row) or (depth, row)
        return state(front[0], front[-1])
    if of in ("lens_maximum", "lens_exponential", "lens_total") and len(front) == 1:
        return of, (layers, *front)  # of an MLM logit: the lens after the last layer
    if quantity in ("lens_exponential", "lens_maximum") and front[0] == layers:
        return "mlm_logit", front[1:]
    return of, front


def module(template: str, front: Front) -> str:
    """A module's name in the state dict, for the layer that `front` begins with."""
    return template.format(layer=front[0]) if "{layer}" in template else template
