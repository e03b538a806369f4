"""`secure-mail serve` with every role in one process over SQLite, and what its store holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.upkeep.listings import VerifyLedger
from secure_mail.application.upkeep.sweep import ORPHAN_AGE, Sweep
from secure_mail.domain.messages import Message, PartKind
from secure_mail.domain.sealing import INTAKE
from secure_mail.infrastructure.blobs.opening import open_blobs
from secure_mail.infrastructure.chance import RandomIds, SystemClock
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.unit_of_work import SqlUnits
from secure_mail.infrastructure.vault.key_ring import KeyRing
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import GivenKeys
from tests.certificates import self_signed
from tests.journey.deployment import events
from tests.journey.program import PROGRAM, Operator, Running, surroundings
from tests.program import made
from tests.services.processes import free_port

HOOKS = Path(__file__).parent / "hooks"
SENDER = "desk@institution.example"
MAILBOX = "velkajarjestelyt@kela.fi"

Found = TypeVar("Found")


def free_ports() -> dict[str, object]:
    return {f"{door}_BIND": f"127.0.0.1:{free_port()}" for door in ("HTTP", "STAFF", "SMTP")}


class Bell:
    def ring(self) -> None:
        pass


@dataclass
class Served:
    """`made` prepares it as the operator's manual says; `start` returns when it is ready."""

    scratch: Path
    settings: dict[str, object]
    machine: dict[str, str] = field(default_factory=dict)
    """The environment beside the settings."""
    wrapper: tuple[str, ...] = ()
    """Words before the program's own: who starts it."""
    running: Running | None = None
    starts: int = 0

    @classmethod
    def made(cls, scratch: Path, **settings: object) -> Served:
        """Keys, tables, and one partner organisation, believed by its network."""
        program = made(scratch, **{name: str(value) for name, value in settings.items()})
        certificate, key = self_signed(scratch)
        wraps = (scratch / "keys").glob("*.wrap")
        served = cls(
            scratch,
            {
                **program.settings,
                "BASE_URL": "https://secure.example",
                **{
                    f"{door}_BIND": f"127.0.0.1:{free_port()}" for door in ("HTTP", "STAFF", "SMTP")
                },
                "SMTP_TLS_CERT": certificate,
                "SMTP_TLS_KEY": key,
                "KEY_WRAP": ",".join(f"{wrap.stem}={wrap.read_text().strip()}" for wrap in wraps),
                "RELAY_URL": f"smtp://127.0.0.1:{free_port()}",
                "LOG_FORMAT": "json",
            },
        )
        served.add_partner()
        return served

    def add_partner(self) -> None:
        self.operator.run(
            *("partners", "add", "An institution", "--domain", SENDER.partition("@")[2]),
            *("--require", "network", "--network", "127.0.0.1/32", "--exclusive"),
        )

    def moved_to(self, database_url: str) -> Served:
        """Over another database, with the same keys."""
        self.settings["DATABASE_URL"] = database_url
        self.operator.run("migrate")
        self.add_partner()
        return self

    def copied(self, folder: Path) -> Served:
        """The same before its first start, with a folder and ports of its own."""
        shutil.copytree(self.scratch, folder, dirs_exist_ok=True)
        own = {
            name: str(value).replace(str(self.scratch), str(folder))
            for name, value in self.settings.items()
        }
        return Served(folder, own | free_ports())

    @property
    def operator(self) -> Operator:
        return Operator({**surroundings(self.settings), **self.machine})

    @property
    def data(self) -> Path:
        return Path(str(self.settings["DATA_DIR"]))

    @property
    def smtp(self) -> tuple[str, int]:
        host, _, port = str(self.settings["SMTP_BIND"]).rpartition(":")
        return host, int(port)

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.process.pid

    def start(self) -> Served:
        self.begin()
        self.wait_for(
            lambda: any(event.get("event") == "process.ready" for event in self.log),
            "the service is ready",
        )
        return self

    def begin(self, die_at: str = "") -> None:
        """Does not wait. `die_at`: a step of `hooks`."""
        self.starts += 1
        path = os.pathsep.join(filter(None, (str(HOOKS), os.environ.get("PYTHONPATH"))))
        hooks = {"DIE_AT": die_at, "PYTHONPATH": path}
        out, err = (self.scratch / f"serve-{self.starts}.{end}" for end in ("out", "err"))
        with out.open("wb") as told, err.open("wb") as logged:
            process = subprocess.Popen(
                [*self.wrapper, *PROGRAM, "serve"],
                env={**surroundings(self.settings), **self.machine, **hooks},
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=logged,
                start_new_session=True,
            )
        self.running = Running(process, out, err)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        assert self.running is not None
        assert self.running.end(sign) == 0, self.running.err.read_text()[-3000:]

    def kill(self) -> None:
        """As when the machine loses its power: nothing is said, nothing is finished."""
        assert self.running is not None
        self.running.end(signal.SIGKILL)

    def died(self) -> None:
        """Returns once it has been killed, by itself or by nobody else."""
        assert self.running is not None
        assert self.running.process.wait(60) == -signal.SIGKILL

    def end(self) -> None:
        """However it stands."""
        if self.running is not None:
            self.kill()

    @property
    def log(self) -> list[dict[str, object]]:
        """What the present process said."""
        assert self.running is not None
        return events(self.running.err)

    @contextmanager
    def store(self) -> Iterator[SqlUnits]:
        """The database as it stands, beside the service."""
        database = open_database(self.database_url, pool=2)
        clock = SystemClock()
        try:
            yield SqlUnits(
                database=database, ids=RandomIds(clock, {}), clock=clock, doorbell=Bell()
            )
        finally:
            database.close()

    @property
    def database_url(self) -> str:
        return str(self.settings.get("DATABASE_URL", f"sqlite:///{self.data}/secure-mail.db"))

    @property
    def blob_folder(self) -> Path:
        url = str(self.settings.get("BLOB_URL", f"file://{self.data}/blobs"))
        return Path(url.removeprefix("file://"))

    @property
    def blobs(self) -> Blobs:
        return open_blobs(
            str(self.settings.get("BLOB_URL", f"file://{self.data}/blobs")), self.machine
        )

    def messages(self) -> list[Message]:
        """Every message, oldest first."""
        with self.store() as units, units.reading() as uow:
            page = uow.messages.page(state=None, queue=None, since=None, limit=1000, after=None)
            return [line.message for line in page]

    def opened(self) -> Counter[bytes]:
        """The octets of every message as received: opened by the staff's key, digests checked."""
        ring = KeyRing.load(
            Path(str(self.settings["KEY_DIR"])),
            str(self.settings["KEY_PIN"]),
            [KeyRole.STAFF, KeyRole.WORKER],
            GivenKeys(str(self.settings["KEY_WRAP"])),
        )
        found: Counter[bytes] = Counter()
        with self.store() as units:
            for message in self.messages():
                with units.reading() as uow:
                    parts = uow.contents.parts(message.content_id)
                (raw,) = (part for part in parts if part.kind is PartKind.RAW)
                waiting = message.sealed_key.holder == INTAKE
                opener = ring.of(KeyRole.WORKER if waiting else KeyRole.STAFF).opener()
                key = opener.open_key(message.sealed_key, message.content_id)
                sealed = self.blobs.read(raw.blob) if raw.blob else raw.inline
                assert sealed is not None
                octets = CobblestoneParts().open_part(
                    key, message.content_id, raw.id, sealed, raw.digest
                )
                found[octets] += 1
        return found

    def settled(self) -> None:
        """Returns when no message is in progress."""
        self.wait_for(lambda: not self.count("state = 'accepted'", "message"), "all is processed")

    def wait_for(self, look: Callable[[], Found], what: str, seconds: float = 30) -> Found:
        assert self.running is not None
        return self.running.wait_for(look, what, seconds)

    def count(self, condition: str, table: str) -> int:
        """How many rows; from the outside, as an operator's own tool would."""
        question = f'SELECT count(*) FROM "{table}" WHERE {condition}'  # noqa: S608 - words of ours
        with (
            closing(open_database(self.database_url, pool=1)) as database,
            database.reading() as connection,
        ):
            return int(connection.exec_driver_sql(question).scalar_one())

    def keeps_once(self, letters: Sequence[bytes]) -> None:
        """Each letter is one message that opens to the same octets, filed once; nothing else is.

        A mail server on the way may have put its trace in front of them.
        """
        opened = self.opened()
        ends = [[octets for octets in opened if octets.endswith(letter)] for letter in letters]
        assert [len(found) for found in ends] == [1] * len(letters)
        assert set(opened.values()) <= {1}
        count = len(letters)
        assert self.count("state = 'filed'", "message") == len(opened) == count
        assert self.count("true", "ledger_entry") == self.count("true", "case") == count
        assert self.count("kind = 'filed'", "case_event") == count
        assert self.count("kind = 'process-message'", "outbox_entry") == count
        assert self.count("kind = 'process-message' AND state = 'done'", "outbox_entry") == count
        assert self.count("kind = 'send-receipt'", "outbox_entry") == count
        with self.store() as units:
            found, _ = VerifyLedger(units=units, clock=SystemClock())()
        assert found.balanced, found

    def swept(self) -> None:
        """A day later, the sweeper leaves exactly the blobs that a row names."""
        yesterday = time.time() - ORPHAN_AGE.total_seconds() - 60
        for path in self.blob_files():
            os.utime(path, (yesterday, yesterday))
        with self.store() as units:
            Sweep(
                units=units, clock=SystemClock(), ids=RandomIds(SystemClock(), {}), blobs=self.blobs
            )()
        assert self.blob_files() == self.named_blobs()

    def named_blobs(self) -> set[Path]:
        with self.store() as units, units.reading() as uow:
            page = uow.messages.page(state=None, queue=None, since=None, limit=200, after=None)
            parts = [p for line in page for p in uow.contents.parts(line.message.content_id)]
        return {self.blob_folder / part.blob for part in parts if part.blob}

    def blob_files(self) -> set[Path]:
        """Every file of the blob folder but the one that says whose it is."""
        files = {path for path in self.blob_folder.rglob("*") if path.is_file()}
        return {path for path in files if path.parent != self.blob_folder}
