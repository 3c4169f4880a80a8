"""One round of the head hunt: every head's score, the best head, and the fixed offset."""

from dataclasses import dataclass

from core.heads.measured import Hunt, Share

Head = tuple[int, int]


@dataclass(frozen=True)
class Game:
    """A relation and a direction. accuracy : L rows of A test scores; best : chosen on dev

    offset, baseline : the best fixed offset, chosen on dev, and its test score
    ranking : all heads by their test score, best first
    """

    relation: str
    direction: int
    accuracy: tuple[tuple[Share, ...], ...]
    best: Head
    offset: int
    baseline: Share
    ranking: tuple[Head, ...]

    @property
    def heads(self) -> int:
        return len(self.ranking)

    def of(self, head: Head) -> Share:
        return self.accuracy[head[0]][head[1]]

    def rank(self, head: Head) -> int:
        """Place on the test set, from 1; heads with the same score share the better place."""
        return 1 + sum(self.of(other).right > self.of(head).right for other in self.ranking)

    @property
    def beats(self) -> bool:
        """Whether the best head's whole interval lies above the offset's score."""
        return self.of(self.best).interval[0] > self.baseline.value

    @property
    def points(self) -> float:
        """Percentage points by which the best head leads the offset."""
        return 100 * (self.of(self.best).value - self.baseline.value)


def game(hunt: Hunt, relation: int, direction: int) -> Game:
    """All that one round shows."""
    _, _, layers, heads = hunt.test_heads.shape
    scores = tuple(
        tuple(hunt.test(relation, direction, layer, head) for head in range(heads))
        for layer in range(layers)
    )
    offset, baseline = hunt.best_offset(relation)
    places = [(layer, head) for layer in range(layers) for head in range(heads)]
    ranking = sorted(places, key=lambda at: -scores[at[0]][at[1]].right)
    return Game(
        hunt.relations[relation], direction, scores, hunt.best_head(relation, direction), offset,
        baseline, tuple(ranking),
    )


@dataclass(frozen=True)
class Speciality:
    """What one head is best at: chosen by its lead over the best offset on dev; test scores."""

    relation: str
    direction: int
    score: Share
    offset: int
    baseline: Share

    @property
    def lead(self) -> float:
        return self.score.value - self.baseline.value

    @property
    def better(self) -> bool:
        """Whether the head's whole interval lies above the offset's score."""
        return self.score.interval[0] > self.baseline.value


def specialities_of(hunt: Hunt) -> tuple[tuple[Speciality | None, ...], ...]:
    """L rows of A heads; None for a head that finds no relation's every third arc."""
    (relation, direction), able = hunt.specialities()
    layers, heads = able.shape
    return tuple(
        tuple(
            _speciality(hunt, int(relation[at]), int(direction[at]), *at) if able[at] else None
            for at in ((layer, head) for head in range(heads))
        )
        for layer in range(layers)
    )


def clearest(rows: tuple[tuple[Speciality | None, ...], ...]) -> Head:
    """The head with the largest lead over the fixed offset on test."""
    leads = {
        (layer, head): one.lead
        for layer, row in enumerate(rows) for head, one in enumerate(row) if one
    }
    return max(leads, key=leads.__getitem__, default=(0, 0))


def _speciality(hunt: Hunt, relation: int, direction: int, layer: int, head: int) -> Speciality:
    score = hunt.test(relation, direction, layer, head)
    offset, baseline = hunt.best_offset(relation)
    return Speciality(hunt.relations[relation], direction, score, offset, baseline)
