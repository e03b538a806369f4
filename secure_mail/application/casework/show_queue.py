"""One page of a queue: narrow rows from the index, summaries opened in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.store_casework import CasePage, CaseQuery
from secure_mail.application.ports.vault import BlindIndex
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.cases import CaseSummary
from secure_mail.domain.ids import CaseId
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    page: CasePage
    summaries: Mapping[CaseId, CaseSummary] = field(repr=False)
    names: Mapping[str, str]
    """Staff id, as text, to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowQueue:
    """Raises Refusal NO_ACCESS (fact `queue`) when a queue is not this person's to read."""

    units: Units
    opening: Opening
    index: BlindIndex

    def __call__(
        self, staff: StaffIdentity, query: CaseQuery, sender: EmailAddress | None = None
    ) -> QueuePage:
        """With `sender`: the newest cases of that address in those queues, on one page."""
        for queue in query.queues:
            if not staff.may_read(queue):
                raise Refusal(RefusalCode.NO_ACCESS, queue=queue)
        with self.units.reading() as uow:
            page = self._of_sender(uow, query, sender) if sender else uow.cases.page(query)
            sealed = uow.cases.summaries([case.id for case in page.cases])
            names = {str(member.id): member.name for member in uow.staff.all()}
        return QueuePage(page=page, summaries=self.opening.summaries(sealed), names=names)

    def _of_sender(self, uow: UnitOfWork, query: CaseQuery, sender: EmailAddress) -> CasePage:
        found = uow.cases.of_address(self.index.of(sender))
        return CasePage(
            cases=tuple(
                case for case in found if case.queue in query.queues and case.state in query.states
            ),
            next=None,
        )
