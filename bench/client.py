"""Drives the load clients: processes beside the contestants, never inside this one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import IO

from bench.load.job import Job

SMTP_SOURCE = "/usr/sbin/smtp-source"
PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a client saw."""

    seconds: float
    client_cpu: float
    waits: tuple[float, ...] = ()
    """Seconds per letter from its last octet to its reply; smtp-source does not tell."""
    digests: tuple[str, ...] = ()
    acknowledged: int = 0
    errors: tuple[str, ...] = ()


class Client:
    """Our own client with one job; `ready` once its letters are made or its sessions are open."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(json.dumps(asdict(job)))
        if self._pipe(self._process.stdout).readline() != "ready\n":
            raise RuntimeError("the load client did not begin")

    def begin(self) -> None:
        """The next line of its input: it hands over, or closes its idle sessions."""
        self._say("")

    def end(self) -> dict[str, list[str]]:
        """What it told of an idle job."""
        found: dict[str, list[str]] = json.loads(self._told())
        return found

    def load(self) -> Load:
        """What it told of a load."""
        told = json.loads(self._told())
        return Load(
            seconds=told["seconds"],
            client_cpu=told["cpu"],
            waits=tuple(told["waits"]),
            digests=tuple(told["digests"]),
            acknowledged=len(told["digests"]),
            errors=tuple(told["errors"]),
        )

    def _told(self) -> str:
        told, _ = self._process.communicate(timeout=PATIENCE)
        return told

    def _say(self, line: str) -> None:
        pipe = self._pipe(self._process.stdin)
        pipe.write(f"{line}\n")
        pipe.flush()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise RuntimeError("the load client has no pipe")
        return pipe


def with_ours(job: Job) -> Callable[[], Load]:
    """Our client, ready: call it to hand the letters over."""
    client = Client(job)

    def go() -> Load:
        client.begin()
        return client.load()

    return go


def with_smtp_source(job: Job) -> Callable[[], Load]:
    """Postfix's own load client: one letter per connection, no TLS, no latencies."""
    words = [
        *(SMTP_SOURCE, "-s", str(job.sessions), "-m", str(job.messages), "-l", str(job.size)),
        *("-f", job.sender, "-t", job.recipient, f"{job.host}:{job.port}"),
    ]

    def go() -> Load:
        begin = time.perf_counter()
        done = subprocess.run(  # noqa: S603  a fixed list
            words, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return Load(
            seconds=time.perf_counter() - begin,
            client_cpu=0.0,
            acknowledged=job.messages if done.returncode == 0 else 0,
            errors=() if done.returncode == 0 else (done.stderr.strip()[:200] or "it failed",),
        )

    return go


def smtp_source_installed() -> bool:
    """Whether Postfix's client is there."""
    return shutil.which(SMTP_SOURCE) is not None
