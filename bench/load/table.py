"""The Markdown tables of docs/load.md, from files of what the other commands printed."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

KINDS = ("slider", "page", "sentence")
YES, NO = "yes", "**no**"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, help="JSON lines")


def read(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Every report in them."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _times(figures: dict[str, Any], kind: str) -> str:
    """p50 / p95 / p99 in whole milliseconds."""
    found = figures["ms"].get(kind, {})
    names = ("median", "p95", "p99")
    return " / ".join(f"{found[name]:.0f}" for name in names) if found.get("n") else "–"


def _met(met: bool | None) -> str:
    return "–" if met is None else YES if met else NO


def _ramp(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['mode']}, {found['seconds']:g} s a step, cores {found['pin']}, "
        f"{found['pages']} Chromium pages, load before {found['machine']['load'][2]}",
        "",
        row("sessions", *(f"{kind} ms" for kind in KINDS), "errors", "lost", "busy",
            "CPU ms an action", "cores", "server MB", "met"),
        row(*["---"] * 11),
    ]
    for step in found["steps"]:
        lines.append(row(
            step["sessions"], *(_times(step, kind) for kind in KINDS), step["error_count"],
            step["lost"], step["busy"], step["cpu_ms_an_action"], step["cores_used"],
            f"{step['resident_mb']:.0f}", _met(step["met"]),
        ))
        if "ms" in step.get("chromium", {}):
            seen = step["chromium"]
            lines.append(row("in Chromium", *(_times(seen, kind) for kind in KINDS),
                             seen["error_count"], seen["lost"], "", "", "", "", ""))
    return lines


def _plain(found: dict[str, Any]) -> list[str]:
    lines = [row("sessions", "page", "slider ms", "new sentence ms", "CPU ms an action", "errors"),
             row(*["---"] * 6)]
    for step in found["steps"]:
        for name, who in (("plain Streamlit", "plain"), ("Inside BERT", "ours")):
            seen = step[who]
            lines.append(row(step["sessions"], name, _times(seen, "slider"),
                             _times(seen, "sentence"), seen["cpu_ms_an_action"],
                             seen["error_count"] + seen["lost"]))
    return lines


def _cluster(found: dict[str, Any]) -> list[str]:
    lines = [row("replicas", "sentences a second", "ms", "largest difference", "slider ms",
                 "new sentence ms", "errors"), row(*["---"] * 7)]
    for step in found["steps"]:
        room = step.get("room", {"ms": {}, "error_count": "–"})
        lines.append(row(
            step["replicas"], step["engine"]["a_second"],
            _times({"ms": {"engine": step["engine"]["ms"]}}, "engine"),
            f"{step['difference']:.0e}", _times(room, "slider"), _times(room, "sentence"),
            room["error_count"],
        ))
    return lines


def _told(found: dict[str, Any]) -> tuple[str, str, str]:
    """What was done, what came out, and the goal, for the commands that end in one line."""
    name = found["bench"].removeprefix("load_")
    if name == "burst":
        return (f"{found['sessions']} click one new example at once",
                f"{found['forward_passes']} forward pass(es), click {_times(found, 'click')} ms",
                "1 forward pass")
    if name == "overload":
        typing, others = found["typing"], found["others"]
        return (f"{found['times']:g} times the load that saturates "
                f"({found['offered_a_second']} long sentences a second)",
                f"busy {typing['busy']} of {typing['actions']}, lost {typing['lost']}, errors "
                f"{typing['error_count']}; others' slider {_times(others, 'slider')} ms, after it "
                f"{_times(found['after'], 'slider')} ms",
                f"busy, no crash, others' p95 <= {found['goal_others_p95_ms']:g} ms")
    if name == "churn":
        return (f"{found['sessions']} sessions opened and closed",
                f"{found['growth_mb']:+} MB ({found['before_mb']} to {found['after_mb']})",
                f"<= {found['goal_mb']:g} MB")
    if name == "soak":
        return (f"{found['sessions']} sessions for {found['seconds'] / 60:g} min",
                f"{100 * found['growth']:+.1f} % after the first "
                f"{found['counted_from_s'] / 60:g} min, {found['resident_mb']} MB, slider "
                f"{_times(found, 'slider')} ms, errors {found['error_count']}", "< 5 %")
    if name == "memory":
        return (f"{found['sessions']} sessions on one example",
                f"{found['mb_a_session']} MB a session, {found['resident_mb']} MB in all",
                f"<= {found['goal_mb_a_session']} MB over {found['goal_mb']:g} MB")
    pages = ", ".join(f"{page} {ms}" for page, ms in found["cpu_ms"].items())
    return ("CPU of a fragment rerun", f"{found['mean_cpu_ms']} ms ({pages})",
            f"<= {found['goal_ms']:g} ms")


def tables(found: list[dict[str, Any]]) -> str:
    """A table a report that has rows, one for all that have not."""
    whole = {"load_ramp": _ramp, "load_plain": _plain, "load_cluster": _cluster}
    parts = ["\n".join(whole[f["bench"]](f)) for f in found if f["bench"] in whole]
    single = [f for f in found if f["bench"].startswith("load_") and f["bench"] not in whole]
    if single:
        lines = [row("what", "result", "goal", "met"), row(*["---"] * 4)]
        lines += [row(*_told(f), _met(f["met"])) for f in single]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def run(args: argparse.Namespace) -> None:
    print(tables(read(args.files)))
