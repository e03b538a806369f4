"""All that is stored. A transaction works on a copy; nouns are frozen, so a copy is shallow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from secure_mail.application.ports.store import ConflictError
from secure_mail.application.ports.store_upkeep import ServiceNotice, StoredRuleSet
from secure_mail.domain.access import QueueGrant, StaffMember
from secure_mail.domain.answers import ReadingCode
from secure_mail.domain.cases import Case, CaseEvent, Reply, SealedSummary
from secure_mail.domain.compose import Draft, DraftFile
from secure_mail.domain.events import AuditEvent
from secure_mail.domain.fetching import Fetch, FetchKey
from secure_mail.domain.links import AddressBlock, Registration, SecureLink, Session, StopRequest
from secure_mail.domain.messages import Message, Part
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.passports import CheckDay
from secure_mail.domain.work import OutboxEntry

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class State:
    registrations: dict[UUID, Registration] = field(default_factory=dict)
    stops: dict[UUID, StopRequest] = field(default_factory=dict)
    blocks: dict[bytes, AddressBlock] = field(default_factory=dict)
    links: dict[UUID, SecureLink] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    drafts: dict[UUID, Draft] = field(default_factory=dict)
    draft_files: dict[UUID, DraftFile] = field(default_factory=dict)
    contents: dict[UUID, bool] = field(default_factory=dict)
    parts: dict[UUID, Part] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    digests: dict[bytes, tuple[UUID, datetime]] = field(default_factory=dict)
    answers: dict[bytes, tuple[UUID, datetime]] = field(default_factory=dict)
    ledger: dict[int, UUID] = field(default_factory=dict)
    outbox: dict[UUID, OutboxEntry] = field(default_factory=dict)
    cases: dict[UUID, Case] = field(default_factory=dict)
    summaries: dict[UUID, SealedSummary] = field(default_factory=dict)
    events: dict[UUID, CaseEvent] = field(default_factory=dict)
    replies: dict[UUID, Reply] = field(default_factory=dict)
    codes: dict[UUID, ReadingCode] = field(default_factory=dict)
    staff: dict[UUID, StaffMember] = field(default_factory=dict)
    grants: dict[UUID, QueueGrant] = field(default_factory=dict)
    partners: dict[UUID, PartnerOrganisation] = field(default_factory=dict)
    passports: dict[tuple[UUID, date, Check], CheckDay] = field(default_factory=dict)
    audit: dict[UUID, AuditEvent] = field(default_factory=dict)
    rule_sets: dict[str, StoredRuleSet] = field(default_factory=dict)
    notices: dict[int, ServiceNotice] = field(default_factory=dict)
    fetches: dict[FetchKey, Fetch] = field(default_factory=dict)

    def copy(self) -> State:
        return State(**{each.name: dict(getattr(self, each.name)) for each in fields(self)})


def put(shelf: dict[K, V], key: K, value: V, *unique: Callable[[V], object]) -> None:
    """Adds; ConflictError if the key or a unique value (None never clashes) is taken."""
    taken = key in shelf or any(
        of(value) is not None and of(other) == of(value)
        for other in shelf.values()
        for of in unique
    )
    if taken:
        raise ConflictError
    shelf[key] = value


def one(found: Iterable[V]) -> V | None:
    return next(iter(found), None)


def drop(shelf: dict[K, V], gone: Callable[[V], bool]) -> int:
    keys = [key for key, value in shelf.items() if gone(value)]
    for key in keys:
        del shelf[key]
    return len(keys)
