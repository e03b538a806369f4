"""A part of filing: a mail of ours that came back, and what its report leaves to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from secure_mail.application.processing.arrival import Arrival
from secure_mail.application.processing.letter import Letter
from secure_mail.domain.bounces import Delivery, MailName
from secure_mail.domain.cases import Case, CaseState, CloseReason
from secure_mail.domain.routing.facts import AutoKind

UNDERSTOOD = frozenset({Delivery.FAILED, Delivery.DELAYED, Delivery.DELIVERED})


def came_back(arrival: Arrival) -> MailName | None:
    """The mail of ours that an arrival is about: the recipient's tag says it, and nothing else.

    What stands in a report can be written by anybody, and a bounce has no sender.
    """
    evidence = arrival.evidence
    if evidence.bounced is None or evidence.envelope_sender is not None:
        return None
    return MailName.parse(evidence.bounced)


def failed_for_good(arrival: Arrival, letter: Letter) -> MailName | None:
    """The mail that was not delivered and will not be."""
    return came_back(arrival) if letter.delivery is Delivery.FAILED else None


def needs_nobody(arrival: Arrival, letter: Letter) -> bool:
    """A report that was understood, or an out-of-office answer, to a bounce address."""
    if came_back(arrival) is None or arrival.message.released_to is not None:
        return False
    return letter.delivery in UNDERSTOOD or letter.auto_kind is AutoKind.AUTO_REPLIED


def closed(case: Case, now: datetime) -> Case:
    """Filed as the rules say, and closed from its first day: it can be found, and awaits none."""
    return replace(
        case, state=CaseState.CLOSED, close_reason=CloseReason.NONE, closed_at=now, due_at=None
    )
