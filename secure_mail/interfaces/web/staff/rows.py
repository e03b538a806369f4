"""What stands in the list of a queue: rows, views beside it, and chips of the filters in use."""

from __future__ import annotations

from collections.abc import Mapping

from secure_mail.application.casework.show_queue import QueuePage
from secure_mail.application.ports.store_casework import QueueCount
from secure_mail.domain.cases import AnswerState, Case, CaseSummary
from secure_mail.interfaces.web.staff.desk import Desk
from secure_mail.interfaces.web.staff.dues import Dues
from secure_mail.interfaces.web.staff.filters import Filters

UNREAD = (AnswerState.SENT, AnswerState.NOT_DISPLAYED)


def rows(desk: Desk, language: str, found: QueuePage, dues: Dues) -> list[dict[str, object]]:
    """One for each case of the page, in its order."""
    return [_row(desk, language, found, case, dues) for case in found.page.cases]


def _row(desk: Desk, language: str, found: QueuePage, case: Case, dues: Dues) -> dict[str, object]:
    summary = found.summaries.get(case.id, CaseSummary())
    return {
        "reference": case.reference,
        "href": f"/staff/cases/{case.reference}",
        "sender": summary.address or "–",
        "partner": case.partner_id is not None,
        "topic": topic_title(desk, case.topic, language),
        "subject": summary.subject,
        "language": case.language,
        "files": case.files,
        "state": case.state,
        "waiting_for": case.waiting_for,
        "assignee": found.names.get(str(case.assignee)),
        **dues.of(case),
        "unread_answer": case.answer in UNREAD,
        "new_message": False,
        "acts_for": case.acts_for,
        "received_at": case.received_at,
    }


def topic_title(desk: Desk, topic: str | None, language: str) -> str:
    """The title by the rules, the bare name of a topic that they no longer have, or nothing."""
    rule = desk.book.topic(topic) if topic else None
    return rule.title[language] if rule else topic or ""


def views(
    desk: Desk, language: str, filters: Filters, count: QueueCount, url: str
) -> list[dict[str, object]]:
    """Filters that are often asked for, with their counts of this queue."""
    offered = (
        ("q.mine", Filters(assignee="me"), count.mine),
        ("q.unassigned", Filters(assignee="none"), count.unassigned),
        ("q.today", Filters(due="today"), count.due_today),
        ("q.late", Filters(due="late"), count.overdue),
        ("q.unread", Filters(answer="unread"), count.unread_answers),
    )
    return [
        {
            "title": desk.texts.line(line, language),
            "count": number,
            "href": url + view.href(),
            "current": view.set() == filters.set(),
        }
        for line, view, number in offered
    ]


def chips(
    desk: Desk, language: str, filters: Filters, members: Mapping[str, str]
) -> list[dict[str, str]]:
    """One for each filter in use; its address is the same page without it."""

    def line(key: str) -> str:
        return desk.texts.line(key, language)

    def said(name: str, value: str) -> str:
        match name:
            case "state":
                return f"{line('staff.state')}: {line(f's.{value}')}"
            case "language":
                return f"{line('staff.language')}: {line(f'language.{value}')}"
            case "assignee":
                known = {"me": line("queue.me"), "none": line("nobody")}
                return f"{line('assigned')}: {known.get(value) or members.get(value, value)}"
            case "topic":
                return f"{line('staff.topic')}: {topic_title(desk, value, language)}"
            case "due":
                return line("staff.late" if value == "late" else "q.today")
            case _:
                return line("q.unread")

    return [
        {"text": said(name, value), "href": filters.href(**{name: ""})}
        for name, value in filters.set().items()
    ]
