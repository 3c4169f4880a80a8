"""The model in use beside the two models of the BERT paper."""

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
