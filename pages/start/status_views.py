"""What the status page shows of a snapshot: one sentence, four large numbers, lines, the rest."""

from collections.abc import Callable, Sequence
from html import escape

import plotly.graph_objects as go

from core.observe.recorder import Moment
from core.observe.snapshot import LATELY, Snapshot
from lessons.theme import Theme, drawn

Say = Callable[..., str]
SLOW = 1.0  # seconds that 95 % should not exceed
RECENT = 60.0  # seconds for which a refusal is mentioned
SPAN, STEP = 600.0, 20.0  # seconds of the chart, and of a point in it
LOW, HIGH = 0.01, 10.0  # seconds, the chart's ends: fixed, so that it stays comparable


def state_of(now: Snapshot) -> tuple[str, str]:
    """(key of the sentence, how it is: good, or bad) for the whole server."""
    if not (now.engine.models or now.engine.remote):
        return "loading", "bad"
    if now.refused_ago < RECENT:
        return "turned", "bad"
    if not now.lately.count:
        return "quiet", "good"
    return ("slow", "bad") if now.lately.p95 > SLOW else ("well", "good")


def state_line(key: str, colour: str, t: Say) -> str:
    return f"<div class='ib-state' style='--dot:{colour}'>{escape(t(key))}</div>"


def large_numbers(now: Snapshot, t: Say) -> str:
    """The four that a room may look at."""
    wait, queue = now.lately, now.engine
    unknown = t("unknown")
    minutes = int(LATELY / 60)
    less = t("wait_note", half=duration(wait.p50, t), most=duration(wait.p99, t), minutes=minutes)
    made = t("queue_note", passes=_whole(queue.passes or 0))
    rows = [
        (t("sessions"), _known(now.sessions, unknown), t("sessions_note")),
        (t("wait"), duration(wait.p95, t) if wait.count else unknown,
         less if wait.count else t("wait_empty", minutes=minutes)),
        (t("queue"), _known(queue.waiting, unknown),
         t("queue_elsewhere") if queue.remote else made),
        (t("told"), _whole(now.refused), t("told_note", count=_whole(now.noted))),
    ]
    return "<dl class='ib-big'>" + "".join(
        f"<div><dt>{escape(name)}</dt><dd class='n'>{_with_unit(value)}</dd>"
        f"<dd class='more'>{escape(more)}</dd></div>"
        for name, value, more in rows
    ) + "</dl>"


def small_facts(now: Snapshot, t: Say) -> str:
    """What the teacher may want to know besides."""
    engine, jobs = now.engine, now.jobs
    sizes = {"used": size(now.memory, t), "limit": size(now.memory_limit, t)}
    memory = (
        t("memory_workers", workers=size(jobs.memory, t), **sizes) if jobs.memory
        else t("memory_of", **sizes)
    )
    cores = {"used": f"{now.processor:.1f}", "cores": now.cores}
    if now.load is not None:
        processor = t("processor_load", load=f"{now.load:.1f}", **cores)
    else:
        processor = t("processor_of", **cores)
    rows = [
        (t("model"), ", ".join(engine.models) or t("unknown" if engine.remote else "none")),
        (t("served"), engine.backend if engine.remote else t("here")),
        (t("memory"), memory),
        (t("processor"), processor),
        (t("jobs"), t("jobs_of", running=jobs.running, waiting=jobs.waiting)),
        (t("uptime"), uptime(now.uptime, t)),
    ]
    if failed := now.counts.get("failed", 0):
        rows.append((t("failed"), _whole(failed)))
    return "<dl class='ib-rest'>" + "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
    ) + "</dl>"


def waits(timeline: Sequence[Moment], theme: Theme, t: Say) -> go.Figure:
    """Half and 95 % of the waits over the last minutes; nothing where nobody did anything."""
    x = [-moment.ago / 60 for moment in timeline]

    def line(name: str, attribute: str, colour: str, width: float) -> dict[str, object]:
        y = [getattr(m.quantiles, attribute) if m.quantiles.count else None for m in timeline]
        return {
            "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y,
            "line": {"color": colour, "width": width, "shape": "spline", "smoothing": 0.4},
            "marker": {"size": width + 3, "color": colour},
            "customdata": ["" if v is None else duration(v, t) for v in y],
            "hovertemplate": "%{customdata}<extra>" + name + "</extra>",
        }

    marks = (0.01, 0.1, 1.0, 10.0)
    minutes, large = (int(SPAN / 60), int(SPAN / 120)), {"size": 15}
    layout = {
        "xaxis": {
            "range": [-SPAN / 60 - 0.2, 0.2], "showgrid": False, "fixedrange": True,
            "tickfont": large, "tickangle": 0,
            "tickvals": [-m for m in minutes] + [0],
            "ticktext": [t("minutes_ago", minutes=m) for m in minutes] + [t("now")],
        },
        "yaxis": {
            "type": "log", "range": [-2.1, 1.1], "fixedrange": True, "tickfont": large,
            "tickvals": marks, "ticktext": [duration(mark, t) for mark in marks],
        },
        "hovermode": "x unified", "margin": {"l": 8, "r": 24, "t": 30, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": large},
    }
    lines = [line(t("most"), "p95", theme.key, 3), line(t("half"), "p50", theme.query, 3)]
    return drawn(lines, layout, theme, height=260)


def duration(seconds: float, t: Say) -> str:
    """A wait as one reads it: 38 ms, 1.4 s, 12 s."""
    if seconds < 0.9995:
        return t("milliseconds", milliseconds=f"{1000 * seconds:.0f}")
    return t("seconds", seconds=f"{seconds:.1f}" if seconds < 9.95 and seconds % 1 else
             f"{seconds:.0f}")


def uptime(seconds: float, t: Say) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return t("minutes", minutes=minutes)
    return t("hours", hours=minutes // 60, minutes=minutes % 60)


def size(count: int | None, t: Say) -> str:
    """Bytes as MB or GB."""
    if count is None:
        return t("unknown")
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _known(number: int | None, unknown: str) -> str:
    return unknown if number is None else _whole(number)


def _with_unit(value: str) -> str:
    """A number large and its unit small."""
    number, _, unit = value.partition(" ")
    return escape(number) + (f"<small>{escape(unit)}</small>" if unit else "")
