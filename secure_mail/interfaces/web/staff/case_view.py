"""A case as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from secure_mail.application.casework.show_case import CaseFile
from secure_mail.domain.access import Role
from secure_mail.domain.bounces import Undelivered
from secure_mail.domain.cases import AnswerState, Case, CaseEventKind
from secure_mail.domain.views import View
from secure_mail.interfaces.web.staff.desk import Desk, Visitor, reference_of
from secure_mail.interfaces.web.staff.dues import Dues
from secure_mail.interfaces.web.staff.rows import topic_title
from secure_mail.interfaces.web.staff.timeline import Timeline
from secure_mail.interfaces.web.staff.why import check_name, findings, reasons

_MISSED = frozenset(Undelivered)


@dataclass(frozen=True, slots=True)
class CaseView:
    """One reading of a case by one person."""

    desk: Desk
    visitor: Visitor
    file: CaseFile
    language: str

    @property
    def case(self) -> Case:
        return self.file.case

    @property
    def url(self) -> str:
        return f"/staff/cases/{self.case.reference}"

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.desk, self.file, self.language, self.url)

    @property
    def handler(self) -> str | None:
        return self.file.names.get(str(self.case.assignee))

    def frame(self) -> dict[str, object]:
        """What every page about this case needs."""
        return {"nav": "queues", "case": self.facts(), "case_url": self.url, "back": self.url}

    def page(self, colleagues: tuple[tuple[object, str], ...]) -> dict[str, object]:
        """The context of `staff/case.html`."""
        case, who = self.case, self.visitor.who
        messages = self.file.messages
        return {
            **self.frame(),
            "back": f"/staff/queues/{case.queue}",
            "may": {
                "work": who.may_work(case.queue),
                "supervise": (Role.SUPERVISOR, case.queue) in who.grants,
            },
            "also_open": [],
            "timeline": self.timeline.items(),
            "trace": reasons(self.desk, who, messages[0].message, self.language)
            if messages
            else [],
            "findings": findings(self.desk, messages[0].message, self.language) if messages else [],
            "earlier": [
                {
                    "reference": other.reference,
                    "href": f"/staff/cases/{other.reference}",
                    "state": other.state,
                    "received_at": other.received_at,
                }
                for other in self.file.earlier
            ],
            "readers": self.timeline.readers(),
            "colleagues": [
                {"value": str(member), "text": name}
                for member, name in colleagues
                if member != case.assignee
            ],
            "targets": self.desk.queues_but(case.queue, self.language),
        }

    def facts(self) -> dict[str, object]:
        case, book = self.case, self.desk.book
        purpose = next((one for one in book.purposes.values() if one.name == case.purpose), None)
        dues = Dues(self.desk.app.calendar, self.desk.app.clock.now())
        return {
            "reference": case.reference,
            "version": case.version,
            "state": case.state,
            "waiting_for": case.waiting_for,
            "waiting_until": case.waiting_until,
            "close_reason": case.close_reason,
            **dues.of(case),
            "assignee": self.handler,
            "mine": case.assignee == self.visitor.who.id,
            "queue": case.queue,
            "queue_title": self.desk.queue_title(case.queue, self.language),
            "topic": topic_title(self.desk, case.topic, self.language),
            "purpose": purpose.title[self.language] if purpose else case.purpose or "",
            "language": case.language,
            "country": case.country,
            "acts_for": case.acts_for,
            "partner": self.file.partner.name if self.file.partner else None,
            "checks": self._checks(),
            "assurance": case.assurance,
            "channel": case.channel,
            "mailbox": f"{case.mailbox}@{book.domain}",
            "received_at": case.received_at,
            "filed_at": case.filed_at,
            "notify": case.notify,
            "undelivered": self._undelivered(),
            "rule": case.rule,
            "retention_until": None,
            **self._person(),
            **self._answer(),
        }

    def _person(self) -> dict[str, object]:
        """Who the sender says to be: told in the first message, checked by nobody."""
        first = self.file.messages[0].view if self.file.messages else None
        view, summary = first or View(), self.file.summary
        return {
            "subject": summary.subject,
            "address": summary.address,
            "name": view.name,
            "identity": view.identity,
            "letter_reference": view.letter_reference,
        }

    def _answer(self) -> dict[str, object]:
        last = self.file.replies[-1][0] if self.file.replies else None
        displayed = self.case.answer is AnswerState.DISPLAYED and last is not None
        return {
            "answer": self.case.answer,
            "displayed_at": last.displayed_at if last and displayed else None,
            "readable_until": last.readable_until if last else None,
        }

    def _undelivered(self) -> str:
        """What did not reach the sender: `notice` of the last answer, `receipt`, or nothing."""
        facts = [event.facts for event, _ in self.file.events]
        missed = [each for each in facts if each.get("reason") in _MISSED]
        last = self.file.replies[-1][0] if self.file.replies else None
        waits = last is not None and last.displayed_at is None
        if last and waits and any(each.get("reply") == str(last.id) for each in missed):
            return "notice"
        return "receipt" if any("message" in each for each in missed) else ""

    def _checks(self) -> str:
        """The checks that held, as written in the event of filing."""
        filed = next(
            (event for event, _ in self.file.events if event.kind is CaseEventKind.FILED), None
        )
        checks = filed.facts.get("checks", "").split() if filed else []
        return ", ".join(check_name(self.desk, check, self.language) for check in checks)


async def read_case(
    desk: Desk, request: Request, visitor: Visitor, *, purpose: str = "case-work"
) -> CaseView:
    """Opens the case in the path: an event of its own. Raises Refusal NOT_FOUND, NO_ACCESS."""
    file = await desk.pool.run(desk.app.show_case, visitor.who, reference_of(request), purpose)
    return CaseView(desk, visitor, file, desk.language(request))
