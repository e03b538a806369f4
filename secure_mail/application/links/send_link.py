"""Answering a request for a link: the worker decides, commits, and only then mails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.issue import Issue
from secure_mail.application.links.judge import SILENT, Judge, Outcome
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import LinkTokens, Opener
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import LinkId, RegistrationId
from secure_mail.domain.links import Registration
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLink:
    """Mails the link, the right channel, or nothing (rules 1, 2, 9, 11-13).

    The link's hash is committed first; a rerun after a crash mails the same token under the same
    Message-ID and creates nothing. Raises as MailJob does.
    """

    job: MailJob
    write: WriteMail
    judge: Judge
    issue: Issue
    ids: Ids
    opener: Opener
    tokens: LinkTokens

    def __call__(self, claim: Claim) -> None:
        registration_id = RegistrationId(claim.subject)
        self.job(
            claim, partial(self._decide, registration_id), partial(self._record, registration_id)
        )

    def _decide(
        self, registration_id: RegistrationId, uow: UnitOfWork, now: datetime
    ) -> OutgoingMail | None:
        registration = uow.registrations.get(registration_id)
        if registration is None:
            return None
        request = LinkRequest.from_json(
            self.opener.open_value(
                registration.sealed, WORKER, Purpose.REGISTRATION, registration_id
            )
        )
        if registration.outcome is None:
            registration = self._settle(uow, registration, request, now)
        if registration.outcome == Outcome.LINK:
            return self._link_mail(uow, registration, request.address, now)
        if registration.outcome in SILENT:
            return None
        return self.write(
            MailKind.REFUSAL,
            registration_id,
            request.address,
            registration.language,
            code=registration.outcome,
            what="link",
            at=registration.requested_at,
            check="",
        )

    def _settle(
        self, uow: UnitOfWork, registration: Registration, request: LinkRequest, now: datetime
    ) -> Registration:
        """Decides once; the outcome is what a rerun goes by."""
        judgement = self.judge(uow, registration, request, now)
        outcome = judgement.outcome.value
        settled = replace(
            registration,
            outcome=outcome,
            address_index=judgement.address_index,
            # A request that is turned down uses up nothing of its domain's share.
            domain_index=None if outcome in SILENT else judgement.domain_index,
        )
        uow.registrations.save(settled)
        if judgement.outcome is Outcome.LINK:
            self.issue(uow, settled, request, judgement, now)
        else:
            self._audit(uow, AuditKind.LINK_NOT_SENT, settled.id, now, {"reason": outcome})
        return settled

    def _link_mail(
        self, uow: UnitOfWork, registration: Registration, address: EmailAddress, now: datetime
    ) -> OutgoingMail | None:
        link = uow.links.get(LinkId(registration.id))
        if link is None or not link.alive_at(now):
            return None
        return self.write(
            MailKind.LINK,
            registration.id,
            address,
            registration.language,
            requested_at=link.requested_at,
            expires_at=link.expires_at,
            check_words=link.check_words,
            token=self.tokens.token(link.id),
        )

    def _record(
        self,
        registration_id: RegistrationId,
        uow: UnitOfWork,
        now: datetime,
        sent: dict[str, str],
    ) -> None:
        registration = uow.registrations.get(registration_id)
        if registration is None:
            return
        uow.registrations.save(replace(registration, mailed_at=now))
        link = registration.outcome == Outcome.LINK
        kind = AuditKind.LINK_MAILED if link else AuditKind.REFUSAL_MAILED
        self._audit(uow, kind, registration_id, now, sent)

    def _audit(
        self,
        uow: UnitOfWork,
        kind: AuditKind,
        subject: RegistrationId,
        now: datetime,
        facts: dict[str, str],
    ) -> None:
        uow.audit.add(audit_event(self.ids, now, kind, "worker", subject, **facts))
