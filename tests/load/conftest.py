"""One server for all: starting it and loading the model takes as long as a test."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.load.learner import warm_up
from bench.server import Server, served


@dataclass(frozen=True)
class Warm:
    """A server whose lessons have been seen once; log : its forward passes."""

    server: Server
    log: Path


@pytest.fixture(scope="session")
def warm(tmp_path_factory) -> Iterator[Warm]:
    log = tmp_path_factory.mktemp("load") / "passes"
    with served(program=("bench.load.counted", str(log))) as server:
        asyncio.run(warm_up(server.url))
        yield Warm(server, log)
