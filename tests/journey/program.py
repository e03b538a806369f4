"""The program as a process, the way an operator starts it: its folder, its words, its end."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

from tests.services.processes import free_port

PROGRAM = (sys.executable, "-m", "secure_mail")
PATIENCE = 30.0
IN_PROGRESS = {"accepted", "processing"}
LINK = re.compile(r"https?://[^\s/]+(/l/([A-Za-z0-9_-]{43}))\s")
CODE = re.compile(r"\b(\d{4}) (\d{4})\b")

Found = TypeVar("Found")


def until(
    look: Callable[[], Found], what: str, seconds: float = PATIENCE, pause: float = 0.05
) -> Found:
    """What `look` returns once it is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"in vain: {what}")
        time.sleep(pause)


def surroundings(settings: Mapping[str, object]) -> dict[str, str]:
    """The environment of a process of ours: the machine's, without settings that lie about."""
    bare = {name: value for name, value in os.environ.items() if "SECURE_MAIL_" not in name}
    return bare | {f"SECURE_MAIL_{name}": str(value) for name, value in settings.items()}


@dataclass
class Running:
    """A process of the program; what it says goes into files of its own."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @classmethod
    def start(
        cls, words: Sequence[str], environment: Mapping[str, str], folder: Path, name: str
    ) -> Running:
        out, err = folder / f"{name}.out", folder / f"{name}.err"
        with out.open("ab") as told, err.open("ab") as logged:
            process = subprocess.Popen(
                [*PROGRAM, *words],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=logged,
                start_new_session=True,
            )
        return cls(process, out, err)

    def wait_for(self, look: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
        """Like `until`, but a process that has ended is not waited for."""

        def alive() -> Found:
            found = look()
            assert found or self.process.poll() is None, self.err.read_text()[-3000:]
            return found

        return until(alive, what, seconds)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ends it and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(30)


@dataclass
class Operator:
    """Runs commands with the settings of a service, beside it."""

    environment: Mapping[str, str]

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *words],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def listing(self, *words: str) -> list[dict[str, Any]]:
        """The rows of a listing: `listing("cases", "list")`."""
        found = json.loads(self.run(*words, "--json").stdout)
        rows: list[dict[str, Any]] = found[words[0]]
        return rows

    def messages(self) -> list[dict[str, Any]]:
        return self.listing("messages", "list")

    def case(self, reference: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.run("cases", "show", reference, "--json").stdout)
        return shown

    def settled(self, reference: str) -> dict[str, Any]:
        """The message of that reference, once it is no longer in progress; there is one."""

        def look() -> dict[str, Any]:
            (row,) = (row for row in self.messages() if row["reference"] == reference)
            return {} if row["state"] in IN_PROGRESS else row

        return until(look, "the message is filed or held", 60)

    def all_settled(self) -> list[dict[str, Any]]:
        """Every message, once none is in progress any more."""

        def look() -> list[dict[str, Any]]:
            rows = self.messages()
            return [] if any(row["state"] in IN_PROGRESS for row in rows) else rows

        return until(look, "every message is filed or held", 60)


@dataclass
class Demo:
    """`secure-mail demo` on a folder and ports of its own."""

    scratch: Path
    settings: dict[str, object] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    running: Running | None = None

    def __post_init__(self) -> None:
        self.settings = {
            "DATA_DIR": self.data,
            "HTTP_BIND": f"127.0.0.1:{free_port()}",
            "SMTP_BIND": f"127.0.0.1:{free_port()}",
            **self.settings,
        }

    @property
    def data(self) -> Path:
        return self.scratch / "data"

    @property
    def operator(self) -> Operator:
        return Operator(surroundings(self.settings))

    def begin(self) -> Path:
        """Starts it and does not wait; the file that will say that it is ready."""
        ready = self.scratch / "ready.json"
        ready.unlink(missing_ok=True)
        words = ("demo", "--ready-file", str(ready))
        environment = surroundings(self.settings)
        self.running = Running.start(words, environment, self.scratch, "demo")
        return ready

    def start(self) -> Demo:
        """Returns once every door answers and the samples are filed."""
        ready = self.begin()
        assert self.running
        self.running.wait_for(ready.exists, "the demo is ready", 60)
        self.facts = json.loads(ready.read_text())
        return self

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        assert self.running is not None
        return self.running.end(sign)

    def kill(self) -> None:
        """As when the machine loses its power: nothing is said, nothing is finished."""
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.process.pid

    @property
    def site(self) -> str:
        return str(self.facts["http"])

    @property
    def smtp(self) -> tuple[str, int]:
        host, _, port = self.facts["smtp"].rpartition(":")
        return host, int(port)

    @property
    def logs(self) -> tuple[Path, Path]:
        assert self.running is not None
        return self.running.out, self.running.err

    def mails(self, address: str) -> list[Message]:
        """Mails to an address, oldest first."""
        return mails_in(Path(self.facts["outbox"]), address)


def mails_in(folder: Path, address: str) -> list[Message]:
    files = sorted(folder.glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
    read = (message_from_bytes(file.read_bytes()) for file in files)
    return [mail for mail in read if mail["To"] == address]


def text_of(mail: Message) -> str:
    octets = mail.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode()


def link_in(mail: Message) -> str:
    """The path of the link, which stands in the mail once."""
    found = LINK.findall(text_of(mail))
    assert len(found) == 1, found
    return str(found[0][0])


def code_in(mail: Message) -> str:
    """The one code in it, in each of the languages."""
    found = set(CODE.findall(" ".join(text_of(mail).split())))
    assert len(found) == 1, text_of(mail)
    return "".join(found.pop())


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Holds the one lock of an SQLite file, so that nothing can be written."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.rollback()
        connection.close()
