"""One page of a queue: narrow rows from the index, summaries opened in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.store_casework import CasePage, CaseQuery
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import CaseSummary
from secure_mail.domain.ids import CaseId
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    page: CasePage
    summaries: dict[CaseId, CaseSummary] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowQueue:
    """Raises Refusal NO_ACCESS (fact `queue`) when a queue is not this person's to read."""

    units: Units
    opening: Opening

    def __call__(self, staff: StaffIdentity, query: CaseQuery) -> QueuePage:
        for queue in query.queues:
            if not staff.may_read(queue):
                raise Refusal(RefusalCode.NO_ACCESS, queue=queue)
        with self.units.reading() as uow:
            page = uow.cases.page(query)
            sealed = uow.cases.summaries([case.id for case in page.cases])
        return QueuePage(page=page, summaries=self.opening.summaries(sealed))
