"""What follows when a mail of ours did not reach its reader: once, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.domain.answers import CodeState
from secure_mail.domain.bounces import MailKind, MailName, Undelivered
from secure_mail.domain.cases import CaseEvent, CaseEventKind, returned_to_clerk
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CaseId, CodeId, EventId, LinkId, MessageId, ReplyId
from secure_mail.domain.links import SessionKind

WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkUndelivered:
    """Ends what only the reader of the mail could use, and tells staff where they wait for one.

    A link is revoked (links.md rule 16), a code ends, a case whose notice did not arrive returns to
    its clerk. A second report of the same mail changes nothing.
    """

    ids: Ids

    def __call__(self, uow: UnitOfWork, now: datetime, mail: MailName, why: Undelivered) -> bool:
        """Whether it was news."""
        # Looked up first: what a unit that writes looks up stays as it is until the unit ends.
        reply = uow.replies.get(ReplyId(mail.about)) if mail.kind is MailKind.NOTICE else None
        if _known(uow, mail):
            return False
        match mail.kind:
            case MailKind.LINK:
                self._link(uow, LinkId(mail.about), now, why)
            case MailKind.CODE:
                _end_code(uow, CodeId(mail.about))
            case MailKind.NOTICE:
                if reply is not None and reply.displayed_at is None:
                    self._tell(
                        uow, reply.case_id, CaseEventKind.ANSWER_NOT_DISPLAYED, now, mail, why
                    )
                    if uow.replies.of_case(reply.case_id)[-1].id == reply.id:
                        _return(uow, reply.case_id)
            case MailKind.RECEIPT | MailKind.RECEIPT_HELD:
                message = uow.messages.get(MessageId(mail.about))
                if message is not None and message.case_id is not None:
                    self._tell(
                        uow, message.case_id, CaseEventKind.RECEIPT_UNDELIVERED, now, mail, why
                    )
            case MailKind.REFUSAL:
                pass
            case _:
                assert_never(mail.kind)
        facts = {"mail": mail.kind.value, "reason": why.value}
        kind = AuditKind.MAIL_UNDELIVERED
        uow.audit.add(audit_event(self.ids, now, kind, WORKER, mail.about, **facts))
        return True

    def _link(self, uow: UnitOfWork, link: LinkId, now: datetime, why: Undelivered) -> None:
        if uow.links.revoke(link, why.value):
            uow.sessions.end_all(SessionKind.LINK, str(link), now)
            kind = AuditKind.LINK_REVOKED
            uow.audit.add(audit_event(self.ids, now, kind, WORKER, link, reason=why.value))

    def _tell(
        self,
        uow: UnitOfWork,
        case: CaseId,
        kind: CaseEventKind,
        now: datetime,
        mail: MailName,
        why: Undelivered,
    ) -> None:
        about = "reply" if mail.kind is MailKind.NOTICE else "message"
        uow.cases.add_event(
            CaseEvent(
                id=EventId(self.ids.new()),
                case_id=case,
                at=now,
                kind=kind,
                actor=WORKER,
                facts={about: str(mail.about), "reason": why.value},
            )
        )


def _known(uow: UnitOfWork, mail: MailName) -> bool:
    return any(
        event.kind is AuditKind.MAIL_UNDELIVERED and event.facts.get("mail") == mail.kind
        for event in uow.audit.of(str(mail.about))
    )


def _end_code(uow: UnitOfWork, code_id: CodeId) -> None:
    code = uow.codes.get(code_id)
    if code is not None and code.state in (CodeState.REQUESTED, CodeState.MAILED):
        uow.codes.save(replace(code, state=CodeState.DEAD))


def _return(uow: UnitOfWork, case_id: CaseId) -> None:
    """Whatever version the case has: a clerk's change in that moment must not lose it."""
    for _ in range(5):
        case = uow.cases.get(case_id)
        if case is None or uow.cases.save(returned_to_clerk(case)):
            return
