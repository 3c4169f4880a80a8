"""A first taste of the model in use, and its size beside the two models of the BERT paper."""

import re
from dataclasses import dataclass

from core.contract import ModelInfo
from core.engine.protocol import Engine


@dataclass(frozen=True)
class Size:
    """L layers, H hidden, A heads and the number of parameters; `published` figures are quoted."""

    name: str
    layers: int
    hidden: int
    heads: int
    parameters: int
    published: bool

    @property
    def millions(self) -> str:
        """Parameters in millions: as the paper rounds them, ours with one decimal."""
        return f"{self.parameters / 1e6:.{0 if self.published else 1}f}"


@dataclass(frozen=True)
class Word:
    """A word for the blank and its probability over the whole vocabulary."""

    token: str
    probability: float


# Devlin et al. 2019, section 3, "Model Architecture".
PUBLISHED = (
    Size("BERT-base", 12, 768, 12, 110_000_000, True),
    Size("BERT-large", 24, 1024, 16, 340_000_000, True),
)


def sizes(engine: Engine, model: str) -> tuple[Size, ...]:
    """The model in use, counted from its own weights, then the published two."""
    info: ModelInfo = engine.info(model)
    own = Size(info.label, info.layers, info.hidden, info.heads, info.parameters, False)
    return (own, *PUBLISHED)


def taste(engine: Engine, model: str, sentence: str, count: int = 5) -> tuple[Word, ...]:
    """The model's words for the first blank of a sentence, best first; "___" is a [MASK] too.

    Raises `EmptyText`, `NoMask`, `MissingHead`, `Busy`.
    """
    text = re.sub("_{2,}", "[MASK]", sentence)
    first = engine.mask_fill(text, top_k=count, model=model).masks[0]
    return tuple(Word(t, p) for t, p in zip(first.tokens, first.probabilities, strict=True))
