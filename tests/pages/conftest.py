"""Each file of page tests starts without the results that another has left in the process."""

import pytest
import streamlit as st


@pytest.fixture(scope="module", autouse=True)
def no_results_of_other_files() -> None:
    st.cache_resource.clear()
