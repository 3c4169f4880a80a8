"""Each file of page tests starts without the results that another has left in the process.

Sweeps and the stock run stay in the process, unless a test wants them in a worker.
"""

import os

import pytest
import streamlit as st

from core.live.job import WORKERS_SETTING

os.environ.setdefault(WORKERS_SETTING, "0")


@pytest.fixture(scope="module", autouse=True)
def no_results_of_other_files() -> None:
    st.cache_resource.clear()
