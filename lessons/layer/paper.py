"""The Transformer of 2017 part by part, and what BERT made of each."""

from dataclasses import dataclass
from typing import Literal

from core.engine.protocol import Engine

Fate = Literal["kept", "changed", "left_out"]


@dataclass(frozen=True)
class Part:
    """A box of the picture. `text` names what is said of it; some boxes share one."""

    id: str
    fate: Fate
    text: str


# Bottom to top, as the paper's figure 1 draws them.
ENCODER = (
    Part("enc_embedding", "changed", "embedding"),
    Part("enc_attention", "kept", "self-attention"),
    Part("enc_norm1", "kept", "add-norm"),
    Part("enc_ffn", "changed", "ffn"),
    Part("enc_norm2", "kept", "add-norm"),
)
DECODER = (
    Part("dec_embedding", "left_out", "shifted"),
    Part("dec_masked", "left_out", "masked"),
    Part("dec_norm1", "left_out", "decoder-norm"),
    Part("dec_cross", "left_out", "cross"),
    Part("dec_norm2", "left_out", "decoder-norm"),
    Part("dec_ffn", "left_out", "decoder-ffn"),
    Part("dec_norm3", "left_out", "decoder-norm"),
    Part("dec_softmax", "changed", "softmax"),
    Part("dec_loss", "changed", "loss"),
)
PARTS = {part.id: part for part in (*ENCODER, *DECODER)}


@dataclass(frozen=True)
class Shape:
    """layers L (the Transformer has as many again in its decoder), H, A, F, activation."""

    name: str
    layers: int
    hidden: int
    heads: int
    inner: int
    activation: str
    published: bool


# Vaswani et al. 2017, table 3 (base); Devlin et al. 2019, section 3 and appendix A.2.
PUBLISHED = (
    Shape("Transformer (base)", 6, 512, 8, 2048, "ReLU", True),
    Shape("BERT-base", 12, 768, 12, 3072, "GELU", True),
)


def shapes(engine: Engine, model: str) -> tuple[Shape, ...]:
    """The published two, then the model in use."""
    info = engine.info(model)
    own = Shape(info.label, info.layers, info.hidden, info.heads, info.inner, "GELU", False)
    return (*PUBLISHED, own)
