"""The app as `make run` starts it, on a free port, for as long as a benchmark lasts."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A running server; started is `time.perf_counter()` when the command was given."""

    port: int
    pid: int
    started: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Processor time the server has used so far (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_health(port: int, seconds: float = 60.0) -> None:
    """Until the server answers. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise TimeoutError("the server did not come up")


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Ask it to end, and kill it where it has not after so long."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def served(
    script: str = "app.py", *, program: Sequence[str] = ("streamlit",),
    options: Sequence[str] = (), environment: Mapping[str, str] | None = None,
    cores: Collection[int] = (), folder: Path = ROOT, log: Path | None = None, port: int = 0,
) -> Iterator[Server]:
    """Start the server, wait until it answers, and end it again; script: from the root.

    program : the module to run and its first arguments; options : more of Streamlit's
    environment : settings beside ours; cores : the only ones it may use
    folder : where it starts, which decides whose .streamlit/config.toml it reads
    log : a file for all that it says; None lets nobody hear it
    port : a free one where it is 0
    """
    port = port or free_port()
    command = [
        sys.executable, "-m", *program, "run", str(ROOT / script), "--server.headless=true",
        "--server.address=127.0.0.1", f"--server.port={port}", *options,
    ]
    settings = {"OMP_NUM_THREADS": "1", **os.environ, **(environment or {})}
    started = time.perf_counter()
    with open(log or os.devnull, "wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=settings, stdout=said, stderr=subprocess.STDOUT
        )
    if cores:
        os.sched_setaffinity(process.pid, cores)
    try:
        wait_for_health(port)
        yield Server(port, process.pid, started)
    finally:
        end(process, 10)
