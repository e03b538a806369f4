"""One line of the audit trail; it goes in with the transaction that causes it."""

from __future__ import annotations

from datetime import datetime

from secure_mail.application.ports.clock import Ids
from secure_mail.domain.events import AuditEvent, AuditKind
from secure_mail.domain.ids import EventId


def audit_event(
    ids: Ids, at: datetime, kind: AuditKind, actor: str, subject: object, **facts: str
) -> AuditEvent:
    """`subject` is the id of what it is about; `facts` are ids and codes, never content."""
    return AuditEvent(
        id=EventId(ids.new()), at=at, kind=kind, actor=actor, subject=str(subject), facts=facts
    )
