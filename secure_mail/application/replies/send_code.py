"""Answering a request for a code: drawn, stored as its HMAC, and only then mailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from secure_mail.application.auditing import audit_event
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import BlindIndex, Opener, Sealer
from secure_mail.application.replies.cookies import code_hmac
from secure_mail.domain.answers import CODE_LIFE, CodeState, ReadingCode
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.cases import READABLE_AFTER_CLOSE
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CodeId
from secure_mail.domain.limits import DAY, Asked, CodeLimits, code_allowed, code_digits
from secure_mail.domain.requests import CodeRequest
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCode:
    """Mails a code if the address has a case to read and is within its limits; else nothing.

    What the browser can see is the same either way. A rerun after a crash mails the same code under
    the same Message-ID. Raises as MailJob does.
    """

    job: MailJob
    write: WriteMail
    ids: Ids
    opener: Opener
    sealer: Sealer
    index: BlindIndex
    limits: CodeLimits

    def __call__(self, claim: Claim) -> None:
        code_id = CodeId(claim.subject)
        self.job(claim, partial(self._decide, code_id), partial(self._record, code_id))

    def _decide(self, code_id: CodeId, uow: UnitOfWork, now: datetime) -> OutgoingMail | None:
        code = uow.codes.get(code_id)
        if code is None or not code.usable_at(now):
            return None
        request = CodeRequest.from_json(
            self.opener.open_value(code.sealed, WORKER, Purpose.CODE_REQUEST, code.id)
        )
        if code.address_index is None:
            request = self._settle(uow, code, request, now)
        return self._mail(code, request) if request.code else None

    def _settle(
        self, uow: UnitOfWork, code: ReadingCode, request: CodeRequest, now: datetime
    ) -> CodeRequest:
        """Decides once; a code that is drawn goes into the sealed request, for a rerun."""
        address_index = self.index.of(request.address)
        earlier = uow.codes.of_address(address_index, code.requested_at - DAY)
        readable = uow.cases.readable(address_index, now - READABLE_AFTER_CLOSE)
        asked = [Asked(one.requested_at, one.network, one.code_hmac is not None) for one in earlier]
        settled = replace(code, address_index=address_index)
        if readable and code_allowed(self.limits, asked, code.network, code.requested_at):
            drawn = replace(request, code=self.ids.digits(code_digits(_wrong_tries(earlier))))
            settled = replace(
                settled,
                state=CodeState.MAILED,
                sealed=self.sealer.seal_value(
                    drawn.to_json(), WORKER, Purpose.CODE_REQUEST, code.id
                ),
                code_hmac=code_hmac(drawn.secret, drawn.code),
                cases=tuple(case.id for case in readable),
            )
            request = drawn
        uow.codes.save(settled)
        return request

    def _mail(self, code: ReadingCode, request: CodeRequest) -> OutgoingMail:
        digits = request.code
        return self.write(
            MailKind.CODE,
            code.id,
            request.address,
            code.language,
            code=" ".join(digits[at : at + 4] for at in range(0, len(digits), 4)),
            check_words=code.check_words,
            minutes=int(CODE_LIFE.total_seconds()) // 60,
            requested_at=code.requested_at,
        )

    def _record(
        self, code_id: CodeId, uow: UnitOfWork, now: datetime, sent: dict[str, str]
    ) -> None:
        uow.audit.add(audit_event(self.ids, now, AuditKind.CODE_MAILED, "worker", code_id, **sent))


def _wrong_tries(codes: Sequence[ReadingCode]) -> int:
    """The one try that opened a session was not wrong."""
    return sum(code.tries - (code.state is CodeState.USED) for code in codes)
