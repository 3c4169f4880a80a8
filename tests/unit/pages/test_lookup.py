"""A session's contents are looked up one by one as they were in Streamlit's copy of all."""

import pytest
from streamlit.runtime.state import SafeSessionState, SessionState

from pages.ui.lookup import Held


@pytest.fixture
def state():
    session = SessionState()
    session["layer"] = 3
    session["nothing"] = None
    return SafeSessionState(session, lambda: None)


def test_it_holds_what_the_copy_holds(state):
    copied, held = SafeSessionState.filtered_state.__get__(state), Held(state)
    assert dict(held) == copied == {"layer": 3, "nothing": None}
    assert len(held) == 2
    assert repr(held) == repr(copied)


def test_a_key_is_found_with_its_value_also_where_that_is_none(state):
    held = Held(state)
    assert "layer" in held and held["layer"] == 3
    assert "nothing" in held and held["nothing"] is None
    assert "other" not in held
    with pytest.raises(KeyError):
        held["other"]
