"""What the page tests share; each file starts without the results of another.

Sweeps and the stock run stay in the process, unless a test wants them in a worker.
"""

import os

import pytest
import streamlit as st

from core.engine import local_engine
from core.live.job import WORKERS_SETTING

os.environ.setdefault(WORKERS_SETTING, "0")


@pytest.fixture(scope="module", autouse=True)
def no_results_of_other_files() -> None:
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def model() -> None:
    """The embedded model in memory: pages show live numbers and not stored ones."""
    local_engine().warm("embedded")
