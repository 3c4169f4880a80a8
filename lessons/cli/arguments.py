"""What was asked, from argv or from one line of a batch, with the same checks for both."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from core.errors import BadInput
from lessons.cli.table import COMMANDS, Command, Option, find

USAGE = "python -m lessons LESSON [options] [--json]"


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaint is an exception and not a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(message)


def overview() -> str:
    """What --help without a lesson prints."""
    lines = [f"usage: {USAGE}", "", "lessons:"]
    lines += [f"  {command.name:<12} {command.about}" for command in COMMANDS]
    lines += ["", "python -m lessons LESSON --help lists the options of a lesson."]
    return "\n".join(lines)


def _parser(command: Command) -> _Parser:
    parser = _Parser(
        prog=f"python -m lessons {command.name}", description=command.about,
        allow_abbrev=False, argument_default=argparse.SUPPRESS,
    )
    for option in command.all_options:
        parser.add_argument(option.flag, type=option.kind, choices=option.choices or None,
                            dest=option.name, help=option.about)
    parser.add_argument("--json", action="store_true", default=False,
                        help="print one JSON object and nothing else")
    parser.add_argument("--batch", metavar="FILE", default=None,
                        help="a JSON object of the same options a line; - reads stdin")
    return parser


def parse(argv: Sequence[str]) -> tuple[Command, dict[str, Any], bool, str | None]:
    """The command, what was asked of it, whether JSON is wanted, and the batch file if any.

    Raises `BadInput` with one sentence.
    """
    if not argv or argv[0].startswith("-"):
        raise BadInput(f"Say which lesson: {USAGE}")
    command = find(argv[0])
    asked = vars(_parser(command).parse_args(argv[1:]))
    as_json, batch = asked.pop("json"), asked.pop("batch")
    return command, asked, as_json, batch


def parse_line(command: Command, line: str) -> dict[str, Any]:
    """The options in one batch line; null counts as not given. Raises `BadInput`."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInput("The line is not JSON.") from None
    if not isinstance(found, dict):
        raise BadInput("The line is not a JSON object.")
    known = {option.name: option for option in command.all_options}
    unknown = [key for key in found if key not in known]
    if unknown:
        raise BadInput(f"{command.name} has no option {unknown[0]!r}.")
    return {key: _checked(known[key], value) for key, value in found.items() if value is not None}


def _checked(option: Option, value: object) -> Any:
    if not isinstance(value, option.kind) or isinstance(value, bool):
        kind = "a whole number" if option.kind is int else "a text"
        raise BadInput(f"{option.name} must be {kind}.")
    if option.choices and value not in option.choices:
        raise BadInput(f"{option.name} is {value!r}; choose from {', '.join(option.choices)}.")
    return value


def merged(defaults: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """A batch line's options over those of the command line."""
    return {**defaults, **asked}
