"""The command line itself: one answer, or one answer a line.

Exit 0 with the answer on stdout; bad input is exit 2 with one line on stderr.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from core.engine.local import local_engine
from core.engine.threads import THREADS_SETTING
from core.errors import BadInput, InsideBertError
from lessons.cli.arguments import merged, overview, parse, parse_line
from lessons.cli.quiet import quiet
from lessons.cli.show import show
from lessons.cli.table import DEVICE, Command

BAD_INPUT = 2


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a token's letters
    if list(argv) in (["-h"], ["--help"]):
        print(overview())
        return 0
    try:
        command, asked, as_json, batch = parse(argv)
        if batch is not None:
            return _answer_lines(command, asked, _opened(batch))
        result = _answer(command, asked)
    except InsideBertError as error:
        print(f"lessons: {_one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    _write(_dumped(result) if as_json else show(result))
    return 0


def _answer(command: Command, asked: dict[str, Any]) -> dict[str, Any]:
    with quiet():
        return command.answer(local_engine(asked.get(DEVICE.name, "auto")), asked)


def _answer_lines(command: Command, defaults: dict[str, Any], lines: BinaryIO) -> int:
    """One JSON line out for each line in; a line that cannot be answered says why in its place."""
    os.environ.setdefault(THREADS_SETTING, str(os.cpu_count() or 1))
    for line in _text_lines(lines):
        try:
            if isinstance(line, InsideBertError):
                raise line
            result = _answer(command, merged(defaults, parse_line(command, line)))
        except InsideBertError as error:
            result = {"error": _one_line(error)}
        if not _write(_dumped(result)):
            break
    return 0


def _text_lines(lines: BinaryIO) -> Iterator[str | BadInput]:
    """Each line decoded, blank ones too unless they end the file."""
    blank = 0
    for number, raw in enumerate(lines):
        try:
            line = raw.decode("utf-8-sig" if number == 0 else "utf-8")
        except UnicodeDecodeError:
            found: str | BadInput = BadInput("The line is not UTF-8.")
        else:
            if not line.strip():
                blank += 1
                continue
            found = line
        yield from (BadInput("The line is empty.") for _ in range(blank))
        blank = 0
        yield found


def _opened(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    try:
        return BytesIO(Path(path).read_bytes())
    except OSError as error:
        raise BadInput(f"The batch file {path} cannot be read: {error.strerror}.") from None


def _dumped(result: dict[str, Any]) -> str:
    """Plain ASCII JSON, so that no shell's encoding can hurt it; NaN would be a bug."""
    return json.dumps(result, allow_nan=False)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _write(text: str) -> bool:
    """Print and flush; False when the reader has gone away."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
