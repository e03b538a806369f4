"""Secure Mail as a contestant: the program itself, its SMTP role, shipped defaults.

What it took is opened with the keys of the bench's own folder, through the program's own vault.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import Message, PartKind
from secure_mail.domain.sealing import CannotOpenError
from secure_mail.infrastructure.blobs.local import LocalBlobs
from secure_mail.infrastructure.chance import RandomIds, SystemClock
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.unit_of_work import SqlUnitOfWork, SqlUnits
from secure_mail.infrastructure.vault.key_ring import KeyRing
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import KeysBeside
from tests.certificates import self_signed
from tests.journey.program import PROGRAM, Operator, Running, surroundings
from tests.program import made
from tests.services.processes import free_port

PAGE = 200
DOMAIN = "institution.example"


class Bell:
    """Nobody works here: what is accepted stays sealed to the intake."""

    def ring(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Prepared:
    """Keys, tables, one partner and a certificate: made once, copied for each start."""

    folder: Path
    pin: str
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> Prepared:
        """As the operator's manual says: `keys init`, `migrate`, `partners add`, a key per role."""
        folder.mkdir(parents=True)
        program = made(folder)
        Operator(surroundings(program.settings)).run(
            *("partners", "add", "An institution", "--domain", DOMAIN),
            *("--require", "network", "--network", "127.0.0.1/32", "--exclusive"),
        )
        own = folder / "smtp-keys"
        own.mkdir(mode=0o700)
        for name in ("public.json", "smtp.key"):
            shutil.copy2(folder / "keys" / name, own)
        shutil.copy2(folder / "keys" / "smtp.wrap", folder / "smtp.wrap")
        return cls(folder, program.settings["KEY_PIN"], *self_signed(folder))

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def settings(self, scratch: Path, port: int) -> dict[str, object]:
        """What the SMTP role is told; all else is as shipped."""
        return {
            "DATA_DIR": scratch / "data",
            "KEY_DIR": self.folder / "smtp-keys",
            "KEY_WRAP_FILE": self.folder / "smtp.wrap",
            "KEY_PIN": self.pin,
            "BASE_URL": "https://secure.example",
            "SMTP_BIND": f"127.0.0.1:{port}",
            "SMTP_TLS_CERT": self.certificate,
            "SMTP_TLS_KEY": self.key,
            "LOG_FORMAT": "json",
        }


@dataclass
class Ours:
    """One instance on a data folder of its own: a process, or several that share its port."""

    prepared: Prepared
    scratch: Path
    settings: dict[str, object] = field(default_factory=dict)
    """Beside those of `Prepared.settings`."""
    name: str = "secure-mail"
    port: int = 0
    words: tuple[str, ...] = (*PROGRAM, "serve", "--role", "smtp")
    processes: int = 1
    running: list[Running] = field(default_factory=list)
    _after: MessageId | None = None
    starts: int = 0

    def start(self) -> None:
        """Returns when it says that it is ready; a second start goes on with the same folder."""
        if not (self.scratch / "data").exists():
            self.scratch.mkdir(parents=True, exist_ok=True)
            (self.scratch / "tmp").mkdir()
            shutil.copytree(self.prepared.folder / "data", self.scratch / "data")
            self.port = free_port()
        given = {**self.prepared.settings(self.scratch, self.port), **self.settings}
        if self.processes > 1:
            given["SMTP_REUSE_PORT"] = "true"
        for _ in range(self.processes):
            self._start_one(given)

    def _start_one(self, given: dict[str, object]) -> None:
        self.starts += 1
        out, err = (self.scratch / f"{self.name}-{self.starts}.{end}" for end in ("out", "err"))
        with out.open("ab") as told, err.open("ab") as logged:
            process = subprocess.Popen(  # noqa: S603  a fixed list
                self.words,
                env={**surroundings(given), "TMPDIR": str(self.scratch / "tmp")},
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=logged,
                start_new_session=True,
            )
        self.running.append(Running(process, out, err))
        self.running[-1].wait_for(partial(_ready, err), f"{self.name} is ready")

    @property
    def pids(self) -> list[int]:
        return [running.process.pid for running in self.running]

    def stop(self) -> None:
        """However it stands."""
        while self.running:
            self.running.pop().end()

    def kill(self) -> None:
        """As when the machine loses its power: nothing is said, nothing is finished."""
        while self.running:
            self.running.pop().end(signal.SIGKILL)

    def taken(self) -> int:
        """How many letters it has taken by now, while it goes on."""
        database = sqlite3.connect(f"file:{self.scratch}/data/secure-mail.db?mode=ro", uri=True)
        with closing(database):
            return int(database.execute("SELECT count(*) FROM message").fetchone()[0])

    def stored(self) -> Counter[str]:
        """Digests of the letters taken since it was last asked, each opened."""
        database = open_database(f"sqlite:///{self.scratch}/data/secure-mail.db", pool=1)
        clock = SystemClock()
        units = SqlUnits(database=database, ids=RandomIds(clock, {}), clock=clock, doorbell=Bell())
        opener = _Opener(self.prepared, self.scratch)
        found: Counter[str] = Counter()
        try:
            with units.reading() as uow:
                while lines := uow.messages.page(
                    state=None, queue=None, since=None, limit=PAGE, after=self._after
                ):
                    found.update(opener.digest(uow, line.message) for line in lines)
                    self._after = lines[-1].message.id
        finally:
            database.close()
        return found


def _ready(said: Path) -> bool:
    for line in said.read_text().splitlines():
        with suppress(ValueError):
            if json.loads(line).get("event") == "process.ready":
                return True
    return False


class _Opener:
    """The worker's key, which the SMTP role does not have."""

    def __init__(self, prepared: Prepared, scratch: Path) -> None:
        ring = KeyRing.load(
            prepared.keys, prepared.pin, [KeyRole.WORKER], KeysBeside(prepared.keys)
        )
        self._opener = ring.of(KeyRole.WORKER).opener()
        self._blobs = LocalBlobs(scratch / "data" / "blobs")

    def digest(self, uow: SqlUnitOfWork, message: Message) -> str:
        """Of the octets as received; an unreadable message has none."""
        (raw,) = (
            part for part in uow.contents.parts(message.content_id) if part.kind is PartKind.RAW
        )
        sealed = self._blobs.read(raw.blob) if raw.blob else raw.inline
        try:
            key = self._opener.open_key(message.sealed_key, message.content_id)
            octets = CobblestoneParts().open_part(
                key, message.content_id, raw.id, sealed or b"", raw.digest
            )
        except CannotOpenError:
            return "cannot be opened"
        return sha256(octets).hexdigest()
