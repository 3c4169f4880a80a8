"""How many numbers each way of training sets free, from the model's shape alone."""

from core.contract import ModelInfo
from core.live.plan import Plan

SEGMENTS = 2


def encoder(info: ModelInfo) -> int:
    """Embeddings and layers; the pooler and the pretraining heads have no part here."""
    embeddings = (info.vocabulary + info.max_positions + SEGMENTS) * info.hidden + 2 * info.hidden
    return embeddings + info.layers * layer(info)


def layer(info: ModelInfo) -> int:
    """Q, K, V and W^O with biases, the two maps of the FFN, two LayerNorms."""
    h, i = info.hidden, info.inner
    return 4 * (h * h + h) + (h * i + i) + (i * h + h) + 4 * h


def low_rank(info: ModelInfo, rank: int) -> int:
    """r (in + out) for each of the six linear maps of every layer."""
    return info.layers * rank * (4 * 2 * info.hidden + 2 * (info.hidden + info.inner))


def free(info: ModelInfo, labels: int, plan: Plan) -> int:
    """Numbers that training may change, the head's among them."""
    head = labels * info.hidden + labels
    inner = {
        "head": 0, "lora": low_rank(info, plan.rank), "last": plan.last * layer(info),
        "all": encoder(info),
    }
    return head + inner[plan.mode]
