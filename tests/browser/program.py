"""The demo as a process of its own: own folder, free ports, ended by its process id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp

from tests.services import processes

PATIENCE = 60.0


@dataclass(frozen=True)
class Demo:
    """Where it answers and how its supervisor signs in."""

    site: str
    smtp: str
    outbox: Path
    email: str
    password: str
    totp_secret: str
    environment: Mapping[str, str]
    """What its commands are run with."""

    def invite(self, email: str) -> str:
        """The one-time address of a new account, as the command prints it."""
        words = ["staff", "add", email, "--name", "Sample Colleague", "--role", "caseworker"]
        command = [sys.executable, "-m", "secure_mail", *words, "--queue", "triage", "--json"]
        environment = {**os.environ, **self.environment}
        printed = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        address = json.loads(printed)["address"]
        assert isinstance(address, str)
        return address

    def code(self) -> str:
        """The authenticator's code of this moment."""
        return pyotp.TOTP(self.totp_secret).now()


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Starts it with nothing but the defaults, waits until it says that it is ready."""
    ready, log = folder / "ready.json", folder / "demo.log"
    own = {
        "SECURE_MAIL_DATA_DIR": str(folder / "data"),
        "SECURE_MAIL_HTTP_BIND": f"127.0.0.1:{processes.free_port()}",
        "SECURE_MAIL_SMTP_BIND": f"127.0.0.1:{processes.free_port()}",
    }
    command = [sys.executable, "-m", "secure_mail", "demo", "--ready-file", ready]
    process = processes.start(command, log, environment=own)
    try:
        until = time.monotonic() + PATIENCE
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the demo did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)
        yield _read(ready, own)
    finally:
        processes.end(process.pid, signal.SIGTERM)


def _read(ready: Path, environment: Mapping[str, str]) -> Demo:
    told = json.loads(ready.read_text())
    return Demo(
        site=told["http"],
        smtp=told["smtp"],
        outbox=Path(told["outbox"]),
        environment=environment,
        **told["staff"],
    )
