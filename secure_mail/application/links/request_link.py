"""Asking for a link: one answer for every address; the worker decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import DedupeKey, Sealer
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import RegistrationId
from secure_mail.domain.limits import HOUR, LinkLimits
from secure_mail.domain.links import Declaration, Registration
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import JobKind

WORDS_KEPT = timedelta(minutes=15)
"""How long a browser that asks again keeps its check words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLink:
    """What the waiting page may tell; the same for every address."""

    registration_id: RegistrationId
    check_words: str
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLink:
    """Stores the request sealed to the worker and answers the same for every address (rule 11).

    Only the client network's own limit refuses, with RATE_LIMITED (rule 12).
    """

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    dedupe: DedupeKey
    limits: LinkLimits
    life: timedelta

    def __call__(
        self,
        *,
        address: EmailAddress,
        declaration: Declaration,
        language: str,
        client: str,
        previous: RegistrationId | None = None,
    ) -> RequestedLink:
        """`previous` is what the browser last asked for; within 15 minutes its words are kept."""
        now = self.clock.now()
        network = self.dedupe.network(client)
        registration_id = RegistrationId(self.ids.new())
        request = LinkRequest(address=address, declaration=declaration)
        sealed = self.sealer.seal_value(
            request.to_json(), WORKER, Purpose.REGISTRATION, registration_id
        )
        with self.units() as uow:
            if uow.registrations.of_network(network, now - HOUR) >= self.limits.network_hour:
                raise Refusal(RefusalCode.RATE_LIMITED)
            words = _words_of(uow, previous, now) or self.ids.check_words(language)
            uow.registrations.add(
                Registration(
                    id=registration_id,
                    requested_at=now,
                    language=language,
                    check_words=words,
                    network=network,
                    sealed=sealed,
                )
            )
            uow.outbox.add(JobKind.SEND_LINK, registration_id, now)
            uow.audit.add(
                audit_event(self.ids, now, AuditKind.LINK_REQUESTED, "sender", registration_id)
            )
            uow.commit()
        return RequestedLink(
            registration_id=registration_id,
            check_words=words,
            requested_at=now,
            expires_at=now + self.life,
        )


def _words_of(uow: UnitOfWork, previous: RegistrationId | None, now: datetime) -> str | None:
    """Read from the row, never from the cookie: nothing typed gets into a mail (rule 13)."""
    earlier = uow.registrations.get(previous) if previous else None
    if earlier is None or now - earlier.requested_at >= WORDS_KEPT:
        return None
    return earlier.check_words
