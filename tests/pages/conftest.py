"""What the page tests share; each file starts without the results of another."""

import pytest
import streamlit as st

from core.engine import local_engine


@pytest.fixture(scope="module", autouse=True)
def no_results_of_other_files() -> None:
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def model() -> None:
    """The embedded model in memory: pages show live numbers and not stored ones."""
    local_engine().warm("embedded")
