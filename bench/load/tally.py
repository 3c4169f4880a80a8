"""What a room saw: how long each kind of action took, and what went wrong."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.report import milliseconds

GOALS_MS = {"slider": 300.0, "page": 1000.0, "sentence": 1500.0}  # p95 with 200 sessions
CROWD_MS = 1500.0  # p95 of every kind with 500


@dataclass
class Tally:
    """Seconds of every finished action by its kind.

    busy : answers "the server is busy"; errors : what else went wrong, by name
    lost : sessions that ended before they should
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    busy: int = 0
    lost: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)

    @property
    def actions(self) -> int:
        return sum(map(len, self.seconds.values()))

    def figures(self) -> dict[str, Any]:
        """For the report."""
        return {
            "ms": {kind: milliseconds(taken) for kind, taken in sorted(self.seconds.items())},
            "actions": self.actions, "busy": self.busy, "lost": self.lost,
            "errors": dict(self.errors), "error_count": self.errors.total(),
        }

    def met(self, sessions: int) -> bool | None:
        """Whether the goals for so many sessions hold; None above 500."""
        if sessions > 500:
            return None
        goals = GOALS_MS if sessions <= 200 else dict.fromkeys(GOALS_MS, CROWD_MS)
        late = [
            kind for kind, goal in goals.items()
            if milliseconds(self.seconds.get(kind, [])).get("p95", 0.0) > goal
        ]
        return not late and not self.lost and (sessions > 200 or not self.errors.total())
