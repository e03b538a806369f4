"""Typing the code: opens a reading session in the browser that asked for it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.replies.cookies import code_hmac, cookie_hash
from secure_mail.domain.answers import CODE_TRIES, ReadingCode
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CodeId, SessionId
from secure_mail.domain.links import READING_SESSION_LIFE, Session, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret

NO_CODE = bytes(32)
"""Compared with where nothing was mailed: no code has this HMAC, and it takes as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The new reading session and the secret that only its cookie holds."""

    secret: BrowserSecret = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCode:
    """Five tries in 20 minutes, each counted before it is compared; works once.

    Raises CODE_OTHER_BROWSER (no request of this browser), CODE_WRONG with the tries `left`,
    CODE_DEAD (used, too old, out of tries). Using a code ends the address's others.
    """

    units: Units
    clock: Clock
    ids: Ids

    def __call__(self, secret: BrowserSecret | None, typed: str) -> Entered:
        now = self.clock.now()
        # Digits of every script: "１" and "١" are one.
        digits = "".join(str(int(sign)) for sign in typed if sign.isdecimal())
        with self.units() as uow:
            code = uow.codes.by_cookie(cookie_hash(secret)) if secret else None
            if code is None or secret is None:
                raise Refusal(RefusalCode.CODE_OTHER_BROWSER)
            if not uow.codes.count_try(code.id, now):
                raise Refusal(RefusalCode.CODE_DEAD)
            right = hmac.compare_digest(code_hmac(secret, digits), code.code_hmac or NO_CODE)
            entered = self._enter(uow, code, now) if right else None
            if entered is None:
                self._audit(uow, AuditKind.CODE_WRONG, code.id, now)
            counted = uow.codes.get(code.id)
            uow.commit()
        if entered is None:
            left = CODE_TRIES - counted.tries if counted else 0
            if left <= 0 or right:
                raise Refusal(RefusalCode.CODE_DEAD)
            raise Refusal(RefusalCode.CODE_WRONG, left=left)
        return entered

    def _enter(self, uow: UnitOfWork, code: ReadingCode, now: datetime) -> Entered | None:
        if not uow.codes.use(code.id, now):
            return None
        secret = self.ids.secret()
        session = Session(
            id=SessionId(self.ids.new()),
            kind=SessionKind.READING,
            secret_hash=cookie_hash(secret),
            subject=str(code.id),
            language=code.language,
            created_at=now,
            last_used_at=now,
            expires_at=now + READING_SESSION_LIFE,
        )
        uow.sessions.add(session)
        self._audit(uow, AuditKind.CODE_USED, code.id, now)
        return Entered(secret=secret, session=session)

    def _audit(self, uow: UnitOfWork, kind: AuditKind, code: CodeId, now: datetime) -> None:
        uow.audit.add(audit_event(self.ids, now, kind, "sender", code))
