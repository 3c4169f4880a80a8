"""How a live training is done: what may change, how long, how fast."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from core.errors import BadInput, OutOfRange
from core.live.lines import Kind

Mode = Literal["head", "lora", "last", "all"]
Pooling = Literal["cls", "mean"]
MODES: tuple[Mode, ...] = get_args(Mode)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

MAX_EPOCHS, MAX_RANK = 200, 16
RATES = (1e-5, 2e-5, 3e-5, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)


@dataclass(frozen=True)
class Plan:
    """mode : "head" alone on the encoder's fixed vectors, "lora" (low-rank changes of every
        linear map), "last" layers, or "all" weights; the head learns in each
    last : how many layers from the top, for "last"; rank : of LoRA
    pooling : the vector that a sentence's head reads, [CLS] or the mean of all pieces
    rate : peak learning rate; batch : lines a step; held_out : share never learned from
    """

    mode: Mode = "lora"
    last: int = 1
    rank: int = 8
    pooling: Pooling = "cls"
    epochs: int = 5
    rate: float = 2e-3
    batch: int = 8
    held_out: float = 0.25
    seed: int = 0

    def checked(self, layers: int) -> "Plan":
        """The plan itself. Raises `OutOfRange`, `BadInput`."""
        if self.mode not in MODES or self.pooling not in POOLINGS:
            raise BadInput(f"mode is {self.mode!r}; choose from {', '.join(MODES)}.")
        bounds: dict[str, tuple[int, int]] = {
            "epochs": (1, MAX_EPOCHS), "rank": (1, MAX_RANK), "last": (1, layers), "batch": (1, 64),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise OutOfRange(name, getattr(self, name), low, high)
        if not 0 < self.rate <= 1 or not 0 < self.held_out < 1:
            raise BadInput("rate must lie in (0, 1] and held_out between 0 and 1.")
        return self

    def facts(self) -> dict[str, Any]:
        return asdict(self)


# What each kind of line and mode starts with here: epochs and peak rate that teach some sixty
# short lines. A tag a word needs longer: most words are O, and that is learned first.
STARTS: dict[Kind, dict[Mode, tuple[int, float]]] = {
    "sentence": {"head": (60, 1e-2), "lora": (5, 2e-3), "last": (5, 5e-4), "all": (4, 3e-4)},
    "tags": {"head": (60, 1e-2), "lora": (20, 2e-3), "last": (20, 5e-4), "all": (12, 3e-4)},
}
