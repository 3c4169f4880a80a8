"""A result for people: short lines, small tables, large arrays by their shape and first rows."""

from collections.abc import Sequence
from typing import Any

ROWS, COLUMNS = 12, 12


def show(result: dict[str, Any]) -> str:
    """The JSON object of a lesson as compact text."""
    width = max(map(len, result))
    labels = result.get("tokens", [])
    return "\n".join(
        _named(name.ljust(width), value, labels) for name, value in result.items()
    )


def _named(name: str, value: Any, labels: Sequence[str]) -> str:
    if _is_matrix(value):
        shape = f"{len(value)} x {len(value[0])}"
        return f"{name}  {shape}\n" + _table(value, labels if len(labels) == len(value) else ())
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        shown = [f"    {_inline(entry)}" for entry in value[:ROWS]]
        return "\n".join([name.rstrip(), *shown, *_left_out(len(value))])
    return f"{name}  {_inline(value)}"


def _is_matrix(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value)
        and all(isinstance(row, list) and row for row in value)
        and all(isinstance(x, (int, float)) for x in value[0])
    )


def _table(rows: list[list[float]], labels: Sequence[str]) -> str:
    margin = max((len(label) for label in labels), default=0)
    lines = []
    for index, row in enumerate(rows[:ROWS]):
        cells = " ".join(f"{_number(x):>9}" for x in row[:COLUMNS])
        label = labels[index] if labels else ""
        lines.append(f"    {label:<{margin}} {cells}{' ...' if len(row) > COLUMNS else ''}")
    return "\n".join([*lines, *_left_out(len(rows))])


def _left_out(count: int) -> list[str]:
    return [f"    ... {count - ROWS} more"] if count > ROWS else []


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{k}: {_inline(v)}" for k, v in value.items())
    if isinstance(value, list):
        between = " | " if value and isinstance(value[0], dict) else " "
        return between.join(_inline(v) for v in value)
    return _number(value)
