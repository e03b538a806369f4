"""What the operator may list: ids, states and counts; never content, never an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.store_casework import CasePage, CaseQuery, QueueCount
from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.cases import Case, CaseEvent
from secure_mail.domain.events import LedgerCount
from secure_mail.domain.ids import MessageId, QueueName, Reference
from secure_mail.domain.messages import Message
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQueues:
    """Every queue of the rules file with its counts of non-closed cases."""

    units: Units
    clock: Clock
    rules: Rules
    calendar: BusinessCalendar

    def __call__(self) -> dict[QueueName, QueueCount]:
        now = self.clock.now()
        names = [queue.name for queue in self.rules.in_force().queues.values()]
        with self.units.reading() as uow:
            return uow.cases.counts(names, now, self.calendar.due(now, 0), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases:
    """One keyset page of a queue, oldest arrival first."""

    units: Units

    def __call__(self, query: CaseQuery) -> CasePage:
        with self.units.reading() as uow:
            return uow.cases.page(query)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case as the operator sees it: its events, and the messages behind it."""

    case: Case
    events: Sequence[CaseEvent]
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCaseRecord:
    """By reference. Raises Refusal NOT_FOUND."""

    units: Units

    def __call__(self, reference: Reference) -> CaseRecord:
        with self.units.reading() as uow:
            case = uow.cases.by_reference(reference)
            if case is None:
                raise Refusal(RefusalCode.NOT_FOUND)
            return CaseRecord(
                case=case,
                events=uow.cases.events(case.id),
                messages=uow.messages.of_case(case.id),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMessages:
    """One page of messages, oldest first."""

    units: Units

    def __call__(
        self,
        *,
        state: str | None,
        queue: str | None,
        since: datetime | None,
        limit: int,
        after: MessageId | None,
    ) -> Sequence[MessageLine]:
        with self.units.reading() as uow:
            return uow.messages.page(
                state=state, queue=queue, since=since, limit=limit, after=after
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyLedger:
    """Proves accepted = filed + held + refused + in progress, without a gap in the numbers."""

    units: Units
    clock: Clock

    def __call__(self) -> tuple[LedgerCount, datetime | None]:
        """The count, and the arrival of the oldest message still in progress."""
        with self.units.reading() as uow:
            return uow.ledger.count(), uow.ledger.oldest_in_progress()
