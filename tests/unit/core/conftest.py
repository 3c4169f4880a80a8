from pathlib import Path

import pytest

from tests.random_bert import save_random_bert


@pytest.fixture(scope="session")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bert-base's 12 layers and 12 heads with random weights, H = 96."""
    return save_random_bert(
        tmp_path_factory.mktemp("models") / "deep", hidden_size=96, num_hidden_layers=12,
        num_attention_heads=12, intermediate_size=384,
    )


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights, 2 layers, 2 heads, H = 16: loads in a moment."""
    return save_random_bert(
        tmp_path_factory.mktemp("models") / "tiny", seed=1, hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=64,
    )
