"""The arguments of the cluster's application. No ray."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from core.engine.threads import THREADS_SETTING
from core.errors import BadInput
from core.models import registry


@dataclass(frozen=True)
class Settings:
    """How a cluster serves; every field is an argument of `serve run`.

    models : ids or short names, separated by commas in the argument
    device : of every replica; cpus, gpus : what a replica holds, gpus may be a fraction
    least, most : replicas of each model; target : requests at once for each before more start
    queue : requests that may wait for a model before callers are told "busy"
    entrances : replicas of the entrance, which does no computing
    """

    models: tuple[str, ...] = (registry.EMBEDDED,)
    device: str = "auto"
    cpus: float = 1.0
    gpus: float = 0.0
    least: int = 1
    most: int = 2
    target: float = 4.0
    queue: int = 200
    entrances: int = 1

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> Self:
        """From text, numbers or lists as a config file has them.

        Raises `BadInput` for a name or value that does not fit, `UnknownModel`.
        """
        known: dict[str, Any] = {f.name: type(f.default) for f in fields(cls)}
        if unknown := sorted(set(args) - set(known)):
            raise BadInput(f"There is no setting {unknown[0]!r}; there are: {', '.join(known)}.")
        try:
            found: dict[str, Any] = {
                name: _models(value) if name == "models" else known[name](value)
                for name, value in args.items()
            }
        except (TypeError, ValueError) as error:
            raise BadInput(f"A setting does not fit: {error}.") from None
        made = cls(**found)
        if not 1 <= made.least <= made.most:
            raise BadInput(f"{made.least} to {made.most} replicas: that is no range from 1.")
        return made

    @property
    def threads(self) -> dict[str, str]:
        """The environment that keeps a replica to the processors it was given."""
        count = str(max(1, int(self.cpus)))
        return {"OMP_NUM_THREADS": count, THREADS_SETTING: count}


def _models(value: str | list[str]) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    return tuple(registry.find(name.strip()).id for name in names)
