"""A BERT small enough to train in a moment, and lines to train it on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.live.jobs import Bounds, Pool
from core.live.lines import Lines, parse
from tests.random_bert import save_random_bert

SENTENCES = "\n".join(
    f"{label}\t{text} {n}" for n in range(6)
    for label, text in (("warm", "the sun is warm today"), ("cold", "snow and ice at night"))
)
TAGGED = "\n".join(f"[Ada|PER] went to [Rome|LOC] on day {n}." for n in range(6))


@pytest.fixture(scope="session")
def bert(tmp_path_factory) -> str:
    return str(save_random_bert(
        tmp_path_factory.mktemp("live") / "bert", hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=32, max_position_embeddings=64,
    ))


@pytest.fixture(scope="session")
def lines() -> Lines:
    return parse(SENTENCES, "sentence")


@pytest.fixture(scope="session")
def tagged() -> Lines:
    return parse(TAGGED, "tags")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    found = Pool(Bounds(workers=1, silence=1000.0))
    yield found
    found.close()


def is_alive(pid: int) -> bool:
    """True while a process runs; one that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")
