"""What stopping by the sender and ending by staff share."""

from __future__ import annotations

from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.domain.events import AuditKind
from secure_mail.domain.links import GRACE, SessionKind


def end_links(
    uow: UnitOfWork, ids: Ids, address_index: bytes, now: datetime, *, reason: str, actor: str
) -> int:
    """Revokes the address's links, those in their grace too, and ends their sessions; how many."""
    links = [link.id for link in uow.links.live_of(address_index, now - GRACE)]
    for link in links:
        uow.links.revoke(link, reason)
        uow.sessions.end_all(SessionKind.LINK, str(link), now)
        uow.audit.add(audit_event(ids, now, AuditKind.LINK_REVOKED, actor, link, reason=reason))
    return len(links)
