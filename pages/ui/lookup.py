"""A widget looks its own key up, and nothing else, in what a session holds.

Each time a slider, drop-down, radio group or text box is drawn, Streamlit copies everything the
session holds into a dictionary to look up one key: a sixth of a page's processor time where a
page has many of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state import SafeSessionState

_copied = SafeSessionState.filtered_state


class Held(Mapping[str, Any]):
    """What a session holds; copied only for whoever wants to see all of it."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._state

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> dict[str, Any]:
        return _copied.__get__(self._state)


def install() -> None:
    """Once, before the first visitor."""
    SafeSessionState.filtered_state = property(Held)  # type: ignore[method-assign, assignment]
