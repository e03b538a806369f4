"""The store: one unit of work, its repositories. Ports take sealed values only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from secure_mail.application.ports.store_casework import Cases, Codes, Replies, Staff
from secure_mail.application.ports.store_fetching import Fetches
from secure_mail.application.ports.store_intake import Contents, Ledger, Messages, Outbox
from secure_mail.application.ports.store_links import Drafts, Links, Registrations, Sessions
from secure_mail.application.ports.store_partners import Partners, Passports
from secure_mail.application.ports.store_upkeep import Audit, Notices, RuleSets

T = TypeVar("T")


class UnitOfWork(Protocol):
    """One transaction. Leaving it without `commit` rolls back.

    Raises StoreDownError from any method when the database does not answer.
    """

    @property
    def registrations(self) -> Registrations: ...
    @property
    def links(self) -> Links: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def contents(self) -> Contents: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def replies(self) -> Replies: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def staff(self) -> Staff: ...
    @property
    def partners(self) -> Partners: ...
    @property
    def passports(self) -> Passports: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def rule_sets(self) -> RuleSets: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def fetches(self) -> Fetches: ...

    def commit(self) -> None:
        """Makes it durable and ends it, then rings the doorbell if the outbox got work."""
        ...


class Units(Protocol):
    """Opens transactions. Blocking: call from a thread of a bounded pool."""

    def __call__(self) -> AbstractContextManager[UnitOfWork]:
        """For writing (SQLite: BEGIN IMMEDIATE under the process's writer lock)."""
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """For reading: a snapshot that never waits for a writer and cannot commit."""
        ...


class CommitQueue(Protocol):
    """Group commit of the gate: units run one after another in a writer thread, each in a
    SAVEPOINT, one COMMIT for all that wait; answers only after it.
    """

    async def run(self, unit: Callable[[UnitOfWork], T]) -> T:
        """The unit's result, after its COMMIT. The unit must not commit.

        Messages the unit added get their ledger numbers as the last statements of the group.
        Raises what the unit raised (its SAVEPOINT rolled back), or StoreDownError when the outcome
        of the COMMIT is not known.
        """
        ...


class StoreDownError(Exception):
    """The database did not answer, is locked or full: temporary, nothing was acknowledged."""


class StoreFullError(StoreDownError):
    """The disk of the database is full: temporary, and a person must act."""


class ConflictError(Exception):
    """A unique value is taken (a reference, an e-mail of staff): leave, and try another."""
