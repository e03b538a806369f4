"""The real IMAP door between a Dovecot and a gate whose store and vault tests can look into."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from time import monotonic, sleep
from typing import TypeVar
from urllib.parse import quote

from secure_mail.application.apps import FetchApp
from secure_mail.application.intake.begin_fetch import BeginFetch
from secure_mail.application.intake.forget_fetches import ForgetFetches
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.give_up_fetch import GiveUpFetch
from secure_mail.application.intake.judge_fetched import JudgeFetched
from secure_mail.application.intake.known_fetches import KnownFetches
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.intake.record_fetch import RecordFetch
from secure_mail.domain.events import AuditEvent, AuditKind
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.fetching import Fetch
from secure_mail.domain.messages import Message
from secure_mail.domain.sealing import INTAKE
from secure_mail.infrastructure.chance import RandomIds, SystemClock
from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.interfaces.imap.pollers import Pollers
from tests.arrivals import evidence_at_door
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.rules import reference_rules
from tests.fakes.store import FakeStore
from tests.fakes.vault import FakeDedupeKey, FakeOpener, FakePartOpener, FakeSealer
from tests.services.dovecot import PASSWORD, Dovecot
from tests.smtp_rig import Helsinki

PATIENCE = 30.0
"""Seconds; less than the 60 after which the door searches by itself."""

Found = TypeVar("Found")


def until(look: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
    """What `look` returns once it is true."""
    deadline = monotonic() + seconds
    while not (found := look()):
        assert monotonic() < deadline, f"in vain: {what}"
        sleep(0.02)
    return found


def account(server: Dovecot, user: str, mailbox: str = "perintakeskus", **more: str) -> str:
    """The URL of a user of the server, as an operator writes it."""
    parameters = {"mailbox": mailbox, "ca_file": str(server.certificate), **more}
    secret = (
        "" if {"token_command", "password_file"} & set(more) else f":{quote(PASSWORD, safe='')}"
    )
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return f"imaps://{quote(user)}{secret}@127.0.0.1:{server.imaps}/INBOX?{query}"


@dataclass
class Rig:
    """One door; a test may start it more than once, as a process that was ended."""

    store: FakeStore = field(
        default_factory=lambda: FakeStore(ids=RandomIds(SystemClock(), {}), clock=SystemClock())
    )
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    max_size: int = 4 * 1024 * 1024
    backlog_limit: int = 100_000
    chance: Callable[[], float] = lambda: 0.0
    last_try_after: timedelta = timedelta(0)
    pollers: Pollers | None = None

    def __post_init__(self) -> None:
        self.threads = ThreadPoolExecutor(4)
        clock = SystemClock()
        ids, units = RandomIds(clock, {}), self.store.units
        rules = reference_rules()
        self.app = FetchApp(
            clock=clock,
            gate=Gate(
                commits=self.store.commits,
                blobs=self.blobs,
                sealer=FakeSealer(),
                dedupe=FakeDedupeKey(),
                clock=clock,
                ids=ids,
                rules=rules,
                threads=self.threads,
            ),
            ready=ReadyForMail(
                units=units,
                blobs=self.blobs,
                clock=clock,
                calendar=Helsinki(),
                backlog_limit=self.backlog_limit,
            ),
            judge=JudgeFetched(rules=rules, clock=clock),
            known=KnownFetches(units=units),
            begin=BeginFetch(units=units, clock=clock),
            record=RecordFetch(units=units, clock=clock),
            give_up=GiveUpFetch(units=units, clock=clock, ids=ids),
            forget=ForgetFetches(units=units, clock=clock),
        )

    @contextmanager
    def fetching(self, *urls: str) -> Iterator[Pollers]:
        """The door at work in a loop of its own, as in a process."""
        loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_forever, daemon=True)
        thread.start()
        pollers = Pollers(
            parse_accounts(urls),
            self.app,
            max_size=self.max_size,
            environment={"PATH": os.environ["PATH"]},
            chance=self.chance,
            last_try_after=self.last_try_after,
        )
        self.pollers = pollers

        async def begin() -> None:
            pollers.start()

        asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
        try:
            yield pollers
        finally:
            pollers.stop()
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    @property
    def messages(self) -> list[Message]:
        return list(self.store.state.messages.values())

    @property
    def fetches(self) -> list[Fetch]:
        return list(self.store.state.fetches.values())

    def opened(self) -> Counter[bytes]:
        """How often each message is in, as it was fetched."""
        return Counter(map(self._raw, self.messages))

    def waits_for(self, count: int, seconds: float = PATIENCE) -> Counter[bytes]:
        """What is in, once there are as many messages, all of them remembered as stored."""

        def stored() -> bool:
            return [fetch.state for fetch in self.fetches].count("stored") >= count

        until(lambda: len(self.messages) >= count and stored(), f"{count} messages", seconds)
        return self.opened()

    def alarms(self) -> list[AuditEvent]:
        """What the trail says of messages that were set aside."""
        events = self.store.state.audit.values()
        return [event for event in events if event.kind is AuditKind.MESSAGE_NOT_FETCHED]

    def _raw(self, message: Message) -> bytes:
        parts = self.store.state.parts.values()
        (part,) = [part for part in parts if part.content_id == message.content_id]
        key = FakeOpener(INTAKE).open_key(message.sealed_key, message.content_id)
        sealed = self.blobs.read(part.blob) if part.blob else part.inline
        assert sealed is not None
        return FakePartOpener().open_part(key, part.content_id, part.id, sealed, part.digest)

    def evidence(self, message: Message) -> Evidence:
        return evidence_at_door(message, FakeOpener(INTAKE), FakePartOpener())


def letter(number: int, words: str = "The words of the letter.") -> bytes:
    """One of many, each different."""
    return (
        f"From: Clerk <clerk@institution.example>\r\nSubject: Case {number}\r\n"
        f"Message-ID: <{number}@institution.example>\r\n\r\n{words}\r\n"
    ).encode()
