"""What the sender is told of a case's state: `st.*` of the catalogue."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from secure_mail.domain.cases import Case, CaseState, WaitingFor


class PublicStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
    ANSWERED = "answered"


def public_status(case: Case, *, unread: bool) -> PublicStatus:
    """The public word for a staff state; an answer that can be read and was not comes first."""
    if unread:
        return PublicStatus.ANSWERED
    match case.state:
        case CaseState.NEW:
            return PublicStatus.NEW
        case CaseState.OPEN:
            return PublicStatus.OPEN
        case CaseState.WAITING:
            for_sender = case.waiting_for is WaitingFor.SENDER
            return PublicStatus.WAITING if for_sender else PublicStatus.OPEN
        case CaseState.CLOSED:
            return PublicStatus.CLOSED
        case _:
            assert_never(case.state)
