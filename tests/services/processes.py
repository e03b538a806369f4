"""Server processes that a whole test run shares, whichever worker asks first."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

STARTED: list[subprocess.Popen[bytes]] = []
"""Kept so that Python does not warn of a process it forgot; `end_all` ends them."""


@dataclass(frozen=True)
class Server:
    """One running service: where it listens and how its processes are ended, in this order."""

    port: int
    processes: tuple[tuple[int, int], ...]
    """Process id (leader of its own group) and the signal that ends it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start in a group of its own, so that what it starts ends with it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else {**os.environ, **environment},
            cwd="/",
            start_new_session=True,
            user=user,
            group=None if user is None else pwd.getpwuid(user).pw_gid,
            extra_groups=None if user is None else [],
        )
    STARTED.append(process)
    return process


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Return when the port accepts; raise with the end of the log when the server gave up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{log.stem} did not open port {port}:\n{tail}")


def shared(folder: Path, name: str, begin: Callable[[Path], Server]) -> Server:
    """Return the run's server of that name; the first worker to ask starts it."""
    with locked(folder / f"{name}.lock"):
        state = folder / f"{name}.json"
        if state.exists():
            known = json.loads(state.read_text())
            return Server(known["port"], tuple((pid, sign) for pid, sign in known["processes"]))
        scratch = folder / name
        scratch.mkdir(exist_ok=True)
        server = begin(scratch)
        state.write_text(json.dumps(asdict(server)))
        return server


def end_all(folder: Path) -> None:
    """End every server of the run, each by its own process id."""
    for state in folder.glob("*.json"):
        for pid, sign in json.loads(state.read_text())["processes"]:
            end(pid, signal.Signals(sign))


def end(pid: int, sign: signal.Signals, seconds: float = 15) -> None:
    """Ask, wait, and insist when the time is over."""
    for ask, patience in ((sign, seconds), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(pid, ask)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if gone(pid):
                return
            time.sleep(0.05)


def gone(pid: int) -> bool:
    with suppress(ChildProcessError):
        # Ours to reap, when this process started it; else a worker's, and init reaps it.
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie has ended, its parent (a worker) just has not asked yet.
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return Path("/proc").exists()


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold a lock between the workers of one run."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
