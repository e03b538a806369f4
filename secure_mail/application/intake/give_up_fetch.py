"""Sets a message aside that cannot be fetched: an alarm, for a person must look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.fetching import Fetch, FetchState
from secure_mail.domain.ids import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpFetch:
    """The message stays on its server; the trail names it by mailbox, UIDVALIDITY and UID."""

    units: Units
    clock: Clock
    ids: Ids

    def __call__(self, fetch: Fetch, mailbox: Mailbox, reason: str) -> None:
        now = self.clock.now()
        failed = replace(fetch, state=FetchState.FAILED, reason=reason, touched_at=now)
        with self.units() as uow:
            if uow.fetches.settle(failed):
                uow.audit.add(
                    audit_event(
                        self.ids,
                        now,
                        AuditKind.MESSAGE_NOT_FETCHED,
                        "door:imap",
                        mailbox,
                        reason=reason,
                        uidvalidity=str(fetch.uidvalidity),
                        uid=str(fetch.uid),
                        tries=str(fetch.tries),
                    )
                )
            uow.commit()
