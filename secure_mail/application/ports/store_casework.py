"""Cases, replies, reading codes, staff."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from secure_mail.domain.access import GrantState, QueueGrant, Role, StaffMember
from secure_mail.domain.answers import ReadingCode
from secure_mail.domain.cases import Case, CaseEvent, CaseState, Reply, SealedSummary
from secure_mail.domain.ids import CaseId, CodeId, GrantId, QueueName, Reference, ReplyId, StaffId
from secure_mail.domain.sealing import SealedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Filters of the queue page; None = any. `after` is (due or received, id) of the last row."""

    queues: tuple[QueueName, ...]
    states: tuple[CaseState, ...] = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)
    assignee: StaffId | None = None
    unassigned: bool = False
    language: str | None = None
    topic: str | None = None
    purpose: str | None = None
    assurance: str | None = None
    due_before: datetime | None = None
    received_from: datetime | None = None
    unread_answer: bool = False
    by_received: bool = False
    """Order by arrival instead of by due time; both oldest first."""
    limit: int = 50
    after: tuple[datetime, CaseId] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    cases: tuple[Case, ...]
    next: tuple[datetime, CaseId] | None
    """Hand it back as `after`; None on the last page. Cases without due time come last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCount:
    """Of non-closed cases."""

    new: int = 0
    open: int = 0
    """All non-closed."""
    mine: int = 0
    unassigned: int = 0
    due_today: int = 0
    overdue: int = 0
    unread_answers: int = 0


class Cases(Protocol):
    def add(self, case: Case, summary: SealedSummary) -> None: ...
    def get(self, case: CaseId) -> Case | None: ...

    def by_reference(self, reference: Reference) -> Case | None:
        """Also by the reference of a message that joined it."""
        ...

    def save(self, case: Case) -> bool:
        """Stores it if the stored version is `case.version - 1` (optimistic version)."""
        ...

    def page(self, query: CaseQuery) -> CasePage:
        """Keyset page, oldest due first; no OFFSET."""
        ...

    def counts(
        self, queues: Sequence[QueueName], now: datetime, today_end: datetime, staff: StaffId | None
    ) -> dict[QueueName, QueueCount]:
        """One query over the partial index of non-closed cases; every asked queue has an entry."""
        ...

    def of_address(self, address_index: bytes, limit: int = 50) -> Sequence[Case]:
        """Cases of one sender, newest first."""
        ...

    def readable(self, address_index: bytes, since: datetime) -> Sequence[Case]:
        """Cases of one sender that are not closed, or were closed or answered since then."""
        ...

    def put_summary(self, summary: SealedSummary) -> None: ...
    def summaries(self, cases: Sequence[CaseId]) -> dict[CaseId, SealedSummary]: ...
    def add_event(self, event: CaseEvent) -> None: ...
    def replace_event_seal(self, event: CaseEvent) -> None:
        """A note re-sealed to another queue's key."""
        ...

    def events(self, case: CaseId) -> Sequence[CaseEvent]:
        """Oldest first."""
        ...


class Replies(Protocol):
    """In a unit that writes, a reply looked up alone stays locked until the unit ends."""

    def add(self, reply: Reply) -> None: ...
    def get(self, reply: ReplyId) -> Reply | None: ...
    def of_case(self, case: CaseId) -> Sequence[Reply]:
        """Oldest first."""
        ...

    def save(self, reply: Reply) -> None: ...
    def reseal(self, reply: ReplyId, for_staff: SealedKey) -> None:
        """Its content key sealed to another queue's key; nothing else of it changes."""
        ...

    def displayed(self, reply: ReplyId, at: datetime) -> bool:
        """One conditional UPDATE: sets displayed_at once; True the first time."""
        ...

    def unread_since(self, before: datetime, limit: int) -> Sequence[Reply]:
        """Latest answers of their cases, noticed before then, not displayed, not yet returned to
        their clerk (the case's `answer` is still SENT).
        """
        ...


class Codes(Protocol):
    def add(self, code: ReadingCode) -> None: ...
    def get(self, code: CodeId) -> ReadingCode | None: ...
    def by_cookie(self, cookie_hash: bytes) -> ReadingCode | None: ...
    def save(self, code: ReadingCode) -> None: ...

    def count_try(self, code: CodeId, now: datetime) -> bool:
        """One conditional UPDATE: tries + 1 while usable (state, tries < 5, now < expires_at)."""
        ...

    def use(self, code: CodeId, now: datetime) -> bool:
        """One conditional UPDATE: mailed -> used; every other usable code of the address dies."""
        ...

    def of_network(self, network: bytes, since: datetime) -> int: ...
    def of_address(self, address_index: bytes, since: datetime) -> Sequence[ReadingCode]:
        """Decided requests for one address since then, oldest first."""
        ...

    def delete_before(self, instant: datetime) -> int: ...


class Staff(Protocol):
    """In a unit that writes, a member or grant looked up alone stays locked until the unit ends."""

    def add(self, member: StaffMember) -> None:
        """Raises ConflictError when the e-mail is taken."""
        ...

    def get(self, member: StaffId) -> StaffMember | None: ...
    def by_email(self, email: str) -> StaffMember | None: ...
    def by_setup(self, setup_hash: bytes) -> StaffMember | None: ...
    def all(self) -> Sequence[StaffMember]: ...
    def save(self, member: StaffMember) -> None: ...

    def accept_step(self, member: StaffId, step: int) -> bool:
        """One conditional UPDATE: last_totp_step < step -> step; a code counts once."""
        ...

    def add_grant(self, grant: QueueGrant) -> None: ...
    def grant(self, grant: GrantId) -> QueueGrant | None: ...
    def save_grant(self, grant: QueueGrant) -> None: ...
    def grants(
        self, member: StaffId, state: GrantState = GrantState.CONFIRMED
    ) -> Sequence[QueueGrant]: ...
    def pending(self) -> Sequence[QueueGrant]: ...
    def holders(self, queue: QueueName, roles: Collection[Role]) -> Sequence[StaffMember]:
        """Active members with a confirmed grant of one of the roles on the queue."""
        ...
