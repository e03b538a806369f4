"""The cases of a reading session, each with its public word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.replies.read_reading_session import OpenReading
from secure_mail.domain.cases import Reply
from secure_mail.domain.ids import Reference
from secure_mail.domain.public_words import PublicStatus, public_status


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    reference: Reference
    status: PublicStatus
    received_at: datetime
    unread: bool
    """An answer of the last 30 days has not been displayed."""
    answers: int
    """How many answers can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAnswers:
    """Lines of the session's cases, newest arrival first; marks nothing as read."""

    units: Units
    clock: Clock

    def __call__(self, reading: OpenReading) -> tuple[CaseLine, ...]:
        now = self.clock.now()
        lines = []
        with self.units.reading() as uow:
            for case in filter(None, map(uow.cases.get, reading.cases)):
                replies = readable(uow.replies.of_case(case.id), now)
                unread = any(reply.displayed_at is None for reply in replies)
                lines.append(
                    CaseLine(
                        reference=case.reference,
                        status=public_status(case, unread=unread),
                        received_at=case.received_at,
                        unread=unread,
                        answers=len(replies),
                    )
                )
        return tuple(sorted(lines, key=lambda line: line.received_at, reverse=True))


def readable(replies: Sequence[Reply], now: datetime) -> list[Reply]:
    """Answers that can still be read, oldest first; the end is not included."""
    return [reply for reply in replies if now < reply.readable_until]
