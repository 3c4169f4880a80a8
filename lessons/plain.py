"""A Plotly figure that stays plain properties: for a server that redraws thousands of them.

Building a figure, copying it and turning it into a dictionary takes Plotly some milliseconds,
most of them for the template that all figures share. A page that only sends its figure to the
browser needs none of it.
"""

from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from _plotly_utils.utils import to_typed_array_spec


class PlainFigure(go.Figure):
    """Becomes a whole figure as soon as anybody looks into it; `to_dict` alone does not."""

    @classmethod
    def of(cls, data: list[dict[str, Any]], layout: dict[str, Any]) -> "PlainFigure":
        """From Plotly's properties, which are not checked."""
        made = cls.__new__(cls)
        made.__dict__["_plain"] = {"data": data, "layout": layout}
        return made

    def to_dict(self) -> dict[str, Any]:
        plain = self.__dict__.get("_plain")
        if plain is None:
            return super().to_dict()
        traces = [{"type": "scatter", **_sent(trace)} for trace in plain["data"]]
        layout = {**_sent(plain["layout"]), "template": _template(pio.templates.default)}
        return {"data": traces, "layout": layout}

    def __getattr__(self, name: str) -> Any:
        """The first look at what a whole figure has."""
        plain = self.__dict__.pop("_plain", None)
        if plain is None:
            raise AttributeError(name)
        go.Figure.__init__(self, plain, _validate=False)
        return getattr(self, name)


@cache
def _template(name: str | None) -> dict[str, Any]:
    """What a figure takes from the template in use."""
    return go.Figure().to_dict()["layout"].get("template", {})


def _sent(value: Any) -> Any:
    """A copy with arrays as Plotly sends them, typed and in base64."""
    if isinstance(value, np.ndarray):
        return to_typed_array_spec(value)
    if isinstance(value, dict):
        return {key: _sent(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (dict, np.ndarray)):
        return [_sent(item) for item in value]
    return value
