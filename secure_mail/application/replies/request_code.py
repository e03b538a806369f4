"""Asking for a code: one answer for every address; the worker decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import DedupeKey, Sealer
from secure_mail.application.replies.cookies import cookie_hash
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.answers import CODE_LIFE, ReadingCode
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CodeId
from secure_mail.domain.limits import HOUR, CodeLimits
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.requests import CodeRequest
from secure_mail.domain.sealing import WORKER, BrowserSecret, Purpose
from secure_mail.domain.work import JobKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCode:
    """For the browser that asked: the same for every address."""

    secret: BrowserSecret = field(repr=False)
    """Of the request's cookie; the code works together with it only."""
    check_words: str
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCode:
    """Stores the request sealed to the worker, whether or not the address ever wrote to us.

    Only the client network's own limit refuses, with RATE_LIMITED.
    """

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    dedupe: DedupeKey
    limits: CodeLimits

    def __call__(self, *, address: EmailAddress, language: str, client: str) -> RequestedCode:
        now = self.clock.now()
        network = self.dedupe.network(client)
        code_id = CodeId(self.ids.new())
        secret = self.ids.secret()
        words = self.ids.check_words(language)
        request = CodeRequest(address=address, secret=secret)
        sealed = self.sealer.seal_value(request.to_json(), WORKER, Purpose.CODE_REQUEST, code_id)
        with self.units() as uow:
            if uow.codes.of_network(network, now - HOUR) >= self.limits.network_hour:
                raise Refusal(RefusalCode.RATE_LIMITED)
            uow.codes.add(
                ReadingCode(
                    id=code_id,
                    requested_at=now,
                    expires_at=now + CODE_LIFE,
                    language=language,
                    check_words=words,
                    network=network,
                    cookie_hash=cookie_hash(secret),
                    sealed=sealed,
                )
            )
            uow.outbox.add(JobKind.SEND_CODE, code_id, now)
            uow.audit.add(audit_event(self.ids, now, AuditKind.CODE_REQUESTED, "sender", code_id))
            uow.commit()
        return RequestedCode(
            secret=secret, check_words=words, requested_at=now, expires_at=now + CODE_LIFE
        )
