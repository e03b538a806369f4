"""The parts of this process, each built once, when first asked for."""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.mail import Mailer
from secure_mail.application.ports.safety import SafetyError
from secure_mail.application.ports.store import ConflictError
from secure_mail.application.ports.store_upkeep import StoredRuleSet
from secure_mail.application.sealed_parts import MakePart
from secure_mail.bootstrap.data import STATIC, data_path
from secure_mail.bootstrap.safety import refuse_unsafe_store
from secure_mail.domain.events import AuditKind
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.domain.sealing import queue_key
from secure_mail.infrastructure.blobs.opening import open_blobs
from secure_mail.infrastructure.broker.doorbell import EventDoorbell
from secure_mail.infrastructure.chance import RandomIds, SystemClock, read_words
from secure_mail.infrastructure.db.commit_queue import GroupCommitQueue
from secure_mail.infrastructure.db.engine import Database, open_database
from secure_mail.infrastructure.db.unit_of_work import SqlUnits
from secure_mail.infrastructure.mailer.compose import Sender
from secure_mail.infrastructure.mailer.dkim_signing import DkimSigner
from secure_mail.infrastructure.mailer.from_url import mailer_from_url
from secure_mail.infrastructure.rules.business_days import FinnishBusinessDays
from secure_mail.infrastructure.rules.standing import RulesInForce, Standing, choose
from secure_mail.infrastructure.sender_auth.check import DnsSenderAuthentication
from secure_mail.infrastructure.sender_auth.lookups import open_resolver
from secure_mail.infrastructure.texts.catalogue import Catalogue
from secure_mail.infrastructure.texts.mails import CatalogueTexts
from secure_mail.infrastructure.texts.pages import JinjaPages
from secure_mail.infrastructure.vault.hardening import harden
from secure_mail.infrastructure.vault.key_ring import KeyRing
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.private_files import read_private
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import (
    CommandKeys,
    GivenKeys,
    KeysBeside,
    WrappingKeys,
)
from secure_mail.settings import Role, Settings

log = structlog.get_logger("bootstrap")

_PRIVATE: frozenset[Role] = frozenset({"reading", "worker", "staff", "scheduler"})
THREADS_PER_PROCESS = 8
"""Threads for blocking use cases of the doors."""
BLOB_THREADS = 4
JUDGING_THREADS = 16
"""Senders whose DNS is asked at once; more wait their turn."""


@dataclass(frozen=True)
class Parts:
    """What the roles of one process share. Building a part may raise SafetyError."""

    settings: Settings
    roles: Collection[Role]

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def ids(self) -> RandomIds:
        return RandomIds(self.clock, read_words(data_path("templates") / "words"))

    @cached_property
    def bell(self) -> EventDoorbell:
        return EventDoorbell()

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS_PER_PROCESS, "use-case")

    @cached_property
    def blob_threads(self) -> ThreadPoolExecutor:
        """Of their own, so that a slow object store does not stall the pages."""
        return ThreadPoolExecutor(BLOB_THREADS, "blobs")

    @cached_property
    def judging_threads(self) -> ThreadPoolExecutor:
        """Of their own, so that a slow DNS does not stall the doors."""
        return ThreadPoolExecutor(JUDGING_THREADS, "judging")

    @cached_property
    def database(self) -> Database:
        pool = THREADS_PER_PROCESS + BLOB_THREADS + self.settings.worker_threads + 4
        return open_database(self.settings.database_url.get_secret_value(), pool=pool)

    @cached_property
    def units(self) -> SqlUnits:
        return SqlUnits(database=self.database, ids=self.ids, clock=self.clock, doorbell=self.bell)

    @cached_property
    def commits(self) -> GroupCommitQueue:
        return GroupCommitQueue(self.database, self.ids, self.clock, self.bell)

    @cached_property
    def blobs(self) -> Blobs:
        return open_blobs(self.settings.blob_url, os.environ)

    @cached_property
    def keys(self) -> KeyRing:
        """Of this process's roles only; processes with private keys harden themselves first."""
        if _PRIVATE & set(self.roles):
            harden()
        ring = KeyRing.load(
            self.settings.key_dir,
            self.settings.key_pin,
            [KeyRole(role) for role in self.roles],
            self.wrapping,
        )
        ring.refuse_missing(queue_key(name) for name in self.book.key_names())
        return ring

    @cached_property
    def wrapping(self) -> WrappingKeys:
        if self.settings.key_wrap_command:
            return CommandKeys(self.settings.key_wrap_command)
        if self.settings.key_wrap.get_secret_value():
            return GivenKeys(self.settings.key_wrap.get_secret_value())
        return KeysBeside(self.settings.key_dir)

    @cached_property
    def vault(self) -> CobblestoneParts:
        return CobblestoneParts()

    @cached_property
    def make_part(self) -> MakePart:
        return MakePart(ids=self.ids, sealer=self.keys.sealer(), blobs=self.blobs)

    @cached_property
    def rules(self) -> RulesInForce:
        """The approved version; the first start of a role approves the file that RULES names."""
        path = self.settings.rules or data_path("routing_rules.yaml")
        with self.units.reading() as uow:
            approved = uow.rule_sets.in_force()
        chosen = choose(approved.text if approved else None, path.read_bytes(), str(path))
        if chosen.standing is Standing.FIRST and self.roles:
            # Of roles that start together one approves it: the others find the same file approved.
            with suppress(ConflictError):
                self._approve(chosen.rules.book.hash, chosen.rules.text)
        elif chosen.standing is Standing.CANDIDATE:
            log.warning("rules.candidate", faults=len(chosen.candidate))
        return RulesInForce(chosen.rules.book)

    def _approve(self, file_hash: str, text: str) -> None:
        with self.units() as uow:
            if uow.rule_sets.in_force() is None:
                now, by = self.clock.now(), "first-start"
                uow.rule_sets.approve(
                    StoredRuleSet(hash=file_hash, text=text, approved_at=now, approved_by=(by,))
                )
                kind = AuditKind.RULES_APPROVED
                uow.audit.add(audit_event(self.ids, now, kind, "operator", file_hash, by=by))
            uow.commit()

    @property
    def book(self) -> RuleBook:
        return self.rules.in_force()

    @cached_property
    def calendar(self) -> FinnishBusinessDays:
        return FinnishBusinessDays(self.book.timezone)

    @cached_property
    def catalogue(self) -> Catalogue:
        words = {
            language: {key.removeprefix("org_"): text for key, text in known.items()}
            for language, known in self.book.organisation_words().items()
        }
        return Catalogue.load(data_path("templates") / "texts", words, self.settings.base_url)

    @cached_property
    def texts(self) -> CatalogueTexts:
        zone = ZoneInfo(self.book.timezone)
        return CatalogueTexts(self.catalogue, data_path("templates"), zone, self.settings.base_url)

    @cached_property
    def pages(self) -> JinjaPages:
        zone = ZoneInfo(self.book.timezone)
        return JinjaPages(self.catalogue, data_path("templates"), STATIC, zone)

    @cached_property
    def mailer(self) -> Mailer:
        words = self.book.organisation_words()
        names = {language: known["org_short"] for language, known in words.items()}
        keys = self.keys.of(KeyRole.WORKER)
        return mailer_from_url(
            self.settings.relay_url.get_secret_value(),
            Sender(address=self.book.mail_from, names=names),
            keys.own_mail(),
            keys.bounce_tags(),
            self.clock,
            signer=self._dkim_signer(),
        )

    def _dkim_signer(self) -> DkimSigner | None:
        path, selector = self.settings.dkim_key, self.settings.dkim_selector
        if path is None:
            return None
        pem = read_private(path, "Correct SECURE_MAIL_DKIM_KEY")
        return DkimSigner.from_pem(pem, selector=selector, domain=self.book.mail_from.domain)

    @cached_property
    def sender_authentication(self) -> DnsSenderAuthentication:
        """Of the mail doors; it asks DNS_SERVERS, or those of the system."""
        try:
            resolver = open_resolver(self.settings.dns_servers)
        except ValueError:
            raise SafetyError(
                "A resolver is written in no way that can be read",
                "SECURE_MAIL_DNS_SERVERS",
                "Write each as ADDRESS or ADDRESS:PORT",
            ) from None
        forwarders = frozenset(name.lower().rstrip(".") for name in self.settings.arc_forwarders)
        return DnsSenderAuthentication(resolver=resolver, forwarders=forwarders)

    @property
    def host(self) -> str:
        """Host (and port) of the public pages."""
        return urlsplit(self.settings.base_url).netloc

    def check_store(self) -> None:
        """Raises SafetyError when the database must not be used."""
        refuse_unsafe_store(self.database)

    def close(self) -> None:
        """Ends what has threads or connections, in the order that loses nothing."""
        built = self.__dict__
        if "commits" in built:
            self.commits.close()
        for pool in ("threads", "blob_threads", "judging_threads"):
            if pool in built:
                built[pool].shutdown(wait=True)
        if "database" in built:
            self.database.close()
