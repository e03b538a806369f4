"""The real SMTP door over loopback, with a store and a vault that tests can look into."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import ip_network
from pathlib import Path
from time import sleep
from zoneinfo import ZoneInfo

import uvloop

from secure_mail.application.intake.arrival_facts import RelayTrust
from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.sender_auth import SenderAuthentication
from secure_mail.application.ports.store import CommitQueue, Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.messages import Message
from secure_mail.domain.partners import Certificate, Check, PartnerOrganisation
from secure_mail.domain.sealing import INTAKE
from secure_mail.infrastructure.chance import RandomIds, SystemClock
from secure_mail.infrastructure.db.commit_queue import GroupCommitQueue
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.migrate import upgrade
from secure_mail.infrastructure.db.unit_of_work import SqlUnits
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits
from secure_mail.interfaces.smtp.server import SmtpDoor
from tests.arrivals import evidence_at_door
from tests.certificates import self_signed
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.rules import reference_rules
from tests.fakes.store import FakeStore
from tests.fakes.vault import (
    FakeBounceTags,
    FakeDedupeKey,
    FakeOpener,
    FakeOwnMail,
    FakePartOpener,
    FakeSealer,
)
from tests.smtp_client import Client

RULES = reference_rules()
PARTNER = "clerk@institution.example"
US = "ulkomaanperinta@kela.fi"
LETTER = (
    b"From: Clerk <clerk@institution.example>\r\nSubject: Case 7\r\n\r\n"
    b"The words of the letter.\r\n.. and a dot.\r\n"
)


class Helsinki:
    """The calendar, as far as a door asks it."""

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo("Europe/Helsinki")).date()


class Bell:
    def ring(self) -> None:
        pass


@dataclass(kw_only=True)
class Parts:
    """What a test may put in place of the usual."""

    sqlite: bool = False
    """A real database in the test's folder instead of one in memory."""
    limits: SmtpLimits = field(default_factory=SmtpLimits)
    require_tls: bool = True
    relays: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    bind: str = "127.0.0.1:0"
    lmtp: bool = False
    partner_listener: bool = False
    require: tuple[Check, ...] = (Check.NETWORK,)
    certificates: tuple[Certificate, ...] = ()
    hourly: int | None = None
    authentication: SenderAuthentication = lambda mail: ()
    """By default DNS knows nobody."""
    trust: RelayTrust = field(default_factory=RelayTrust)
    allow_spf: bool = False
    partner_networks: tuple[str, ...] = ("127.0.0.0/8",)
    blobs: Blobs = field(default_factory=MemoryBlobs)
    commits: Callable[[CommitQueue], CommitQueue] = lambda queue: queue
    """Wraps the commit queue."""
    sealer: Sealer = field(default_factory=FakeSealer)
    backlog_limit: int = 1000


class Memory:
    """The store in memory."""

    def __init__(self) -> None:
        store = FakeStore(ids=RandomIds(SystemClock(), {}), clock=SystemClock())
        self.store = store
        self.units: Units = store.units
        self.commits: CommitQueue = store.commits

    def close(self) -> None:
        pass


class Sqlite:
    """A copy of one migrated file, made once per run of the tests."""

    def __init__(self, folder: Path) -> None:
        template = folder.parent / "migrated.db"
        if not template.exists():
            making = folder / "making.db"
            database = open_database(f"sqlite:///{making}", pool=1)
            upgrade(database)
            database.close()
            making.replace(template)
        shutil.copy(template, folder / "secure-mail.db")
        clock = SystemClock()
        ids = RandomIds(clock, {})
        self._database = open_database(f"sqlite:///{folder / 'secure-mail.db'}", pool=4)
        self.units: Units = SqlUnits(database=self._database, ids=ids, clock=clock, doorbell=Bell())
        self.commits = GroupCommitQueue(self._database, ids, clock, Bell())

    def close(self) -> None:
        self.commits.close()
        self._database.close()


class Rig:
    """One door and its store; both are closed with the `rig` that made it."""

    def __init__(self, folder: Path, parts: Parts) -> None:
        self.clock = SystemClock()
        self.ids = RandomIds(self.clock, {})
        self.store = Sqlite(folder) if parts.sqlite else Memory()
        self.units = self.store.units
        self.commits = parts.commits(self.store.commits)
        self.blobs = parts.blobs
        self.threads, self.judging = ThreadPoolExecutor(4), ThreadPoolExecutor(2)
        self.clients: list[Client] = []
        self.fake_seals = isinstance(parts.sealer, FakeSealer)
        self.partner = self._partner(parts)
        certificate, key = self_signed(folder)
        self.gate = Gate(
            commits=self.commits,
            blobs=self.blobs,
            sealer=parts.sealer,
            dedupe=FakeDedupeKey(),
            clock=self.clock,
            ids=self.ids,
            rules=RULES,
            threads=self.threads,
        )
        self.door = SmtpDoor(
            SmtpConfig(
                bind=parts.bind,
                partner_bind="127.0.0.1:0" if parts.partner_listener else None,
                lmtp=parts.lmtp,
                proxies=tuple(map(ip_network, parts.proxies)),
                hostname="mx.kela.fi",
                site="secure.kela.fi",
                tls_certificate=certificate,
                tls_key=key,
                require_tls=parts.require_tls,
                trusted_relays=tuple(map(ip_network, parts.relays)),
                limits=parts.limits,
            ),
            gate=self.gate,
            ready=ReadyForMail(
                units=self.units,
                blobs=self.blobs,
                clock=self.clock,
                calendar=Helsinki(),
                backlog_limit=parts.backlog_limit,
            ),
            check_recipient=CheckRecipient(rules=RULES, bounce_tags=FakeBounceTags()),
            judge_arrival=JudgeArrival(
                rules=RULES,
                own_mail=FakeOwnMail(),
                authentication=parts.authentication,
                clock=self.clock,
                relays=parts.trust,
            ),
            rules=RULES,
            threads=self.threads,
            judging=self.judging,
        )

    def _partner(self, parts: Parts) -> PartnerOrganisation:
        partner = PartnerOrganisation(
            id=PartnerId(self.ids.new()),
            name="Institution",
            domains=("institution.example",),
            require=parts.require,
            allow_spf=parts.allow_spf,
            certificates=parts.certificates,
            hourly=parts.hourly,
            networks=parts.partner_networks,
            exclusive=True,
            created_at=self.clock.now(),
        )
        with self.units() as uow:
            uow.partners.add(partner)
            uow.commit()
        return partner

    def client(self, *, first: bytes = b"") -> Client:
        self.clients.append(Client(*self.door.address, first=first))
        return self.clients[-1]

    def partner_client(self, *, first: bytes = b"") -> Client:
        """At the listener that requires a client certificate."""
        (listener,) = (one for one in self.door.listeners if one.name == "partners")
        self.clients.append(Client(*listener.address, first=first))
        return self.clients[-1]

    def agrees(self) -> None:
        """What was acknowledged is stored and opens; what is stored was acknowledged."""
        stored = self.stored
        assert {str(message.reference) for message in stored} == {
            reference for client in self.clients for reference in client.acknowledged
        }
        if self.fake_seals:
            assert all(self.raw(message) is not None for message in stored)

    @property
    def stored(self) -> list[Message]:
        """Every message, oldest first."""
        with self.units.reading() as uow:
            page = uow.messages.page(state=None, queue=None, since=None, limit=100, after=None)
            return [line.message for line in page]

    def raw(self, message: Message) -> bytes:
        """What was received, opened again."""
        with self.units.reading() as uow:
            (part,) = uow.contents.parts(message.content_id)
        key = FakeOpener(INTAKE).open_key(message.sealed_key, message.content_id)
        sealed = self.blobs.read(part.blob) if part.blob else part.inline
        return FakePartOpener().open_part(key, message.content_id, part.id, sealed, part.digest)

    def evidence(self, message: Message) -> Evidence:
        return evidence_at_door(message, FakeOpener(INTAKE), FakePartOpener())

    async def settled(self) -> None:
        """Lets the threads finish what they were given."""
        loop = asyncio.get_running_loop()
        waits = [loop.run_in_executor(self.threads, sleep, 0.02) for _ in range(8)]
        await asyncio.gather(*waits)


@asynccontextmanager
async def rig(folder: Path, **parts: object) -> AsyncIterator[Rig]:
    """`parts` as in Parts."""
    made = Rig(folder, Parts(**parts))
    await made.door.start()
    try:
        yield made
    finally:
        await made.door.stop(grace=1)
        made.threads.shutdown()
        made.judging.shutdown()
        made.store.close()


async def until(holds: Callable[[], object], seconds: float = 10) -> None:
    """Waits for something that comes by itself."""
    for _ in range(int(seconds / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


def play(
    folder: Path, story: Callable[[Rig], Awaitable[None]], *, uv: bool = False, **parts: object
) -> None:
    """Runs a story with a door of its own, in asyncio's loop (watching) or in uvloop."""

    async def main() -> None:
        async with rig(folder, **parts) as made:
            await story(made)
            made.agrees()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uv else None) as runner:
        runner.run(main())
