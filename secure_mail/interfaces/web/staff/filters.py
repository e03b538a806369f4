"""The filters of a queue page: they stand in the address, so that a view can be kept and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from secure_mail.application.ports.store_casework import CaseQuery
from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import TO_ANSWER, CaseState
from secure_mail.domain.ids import CaseId, QueueName, StaffId

NOT_CLOSED = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)
ROWS = 50
_CURSOR = "%Y%m%dT%H%M%S.%f"
_FIRST = CaseId(UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Each is a word of the query; empty = any. Words that mean nothing are forgotten."""

    state: str = ""
    language: str = ""
    assignee: str = ""
    """`me`, `none` or the id of a colleague."""
    topic: str = ""
    due: str = ""
    """`late` or `today`."""
    answer: str = ""
    """`unread`."""
    after: tuple[datetime, CaseId] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        wanted = {
            "state": {state.value for state in CaseState},
            "language": set(LANGUAGES),
            "due": {"late", "today"},
            "answer": {"unread"},
        }
        known = {
            name: value
            for name, values in wanted.items()
            if (value := query.get(name, "")) in values
        }
        assignee = query.get("assignee", "")
        if assignee in {"me", "none"} or _uuid(assignee):
            known["assignee"] = assignee
        return cls(**known, topic=query.get("topic", ""), after=_cursor(query.get("after", "")))

    def set(self) -> dict[str, str]:
        """The filters in use, in the order of the page."""
        names = (each.name for each in fields(self) if each.name != "after")
        return {name: value for name in names if (value := getattr(self, name))}

    def href(self, **changes: str) -> str:
        """The query of the same page with other filters, from its first row on."""
        return "?" + urlencode(
            {name: value for name, value in {**self.set(), **changes}.items() if value}
        )

    def next_href(self, after: tuple[datetime, CaseId]) -> str:
        at, case = after
        cursor = {"after": f"{at.astimezone(UTC).strftime(_CURSOR)}~{case.hex}"}
        return "?" + urlencode({**self.set(), **cursor})

    def query(
        self, queue: QueueName, who: StaffIdentity, now: datetime, today_end: datetime
    ) -> CaseQuery:
        """As the store asks it. Late and due today are of cases that wait for us."""
        states: tuple[CaseState, ...] = NOT_CLOSED
        if self.state:
            states = (CaseState(self.state),)
        if self.due:
            states = tuple(state for state in states if state in TO_ANSWER)
        today = self.due == "today"
        return CaseQuery(
            queues=(queue,),
            states=states,
            assignee=who.id if self.assignee == "me" else _member(self.assignee),
            unassigned=self.assignee == "none",
            language=self.language or None,
            topic=self.topic or None,
            due_before=today_end + timedelta(seconds=1) if today else now if self.due else None,
            unread_answer=bool(self.answer),
            limit=ROWS,
            after=self.after or ((now, _FIRST) if today else None),
        )


def _cursor(text: str) -> tuple[datetime, CaseId] | None:
    at, _, case = text.partition("~")
    found = _uuid(case)
    try:
        instant = datetime.strptime(at, _CURSOR).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (instant, CaseId(found)) if found else None


def _member(text: str) -> StaffId | None:
    found = _uuid(text)
    return StaffId(found) if found else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
