"""Signing in with password and code; a code counts once, guessing codes pauses the account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.people import Passwords, Totp
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.domain.access import StaffIdentity, StaffMember, StaffState
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import SessionId, StaffId
from secure_mail.domain.links import STAFF_SESSION_LIFE, Session, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import STAFF, BrowserSecret, Purpose, SealedBytes

FAILURES_BEFORE_PAUSE = 5
"""Failures with the right password: wrong ones pause nobody, for anybody can type them."""
PAUSE = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=1)
"""A session's last use is written this often at most: a page must not wait for a writer."""
_NOBODY = StaffId(UUID(int=0))


def stand_in(sealer: Sealer, totp: Totp) -> SealedBytes:
    """A TOTP secret that is nobody's, sealed as a member's is."""
    return sealer.seal_value(totp.new_secret().encode(), STAFF, Purpose.TOTP, _NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """E-mail, password and TOTP code together: nothing tells which of them was wrong."""

    units: Units
    clock: Clock
    ids: Ids
    opener: Opener
    passwords: Passwords
    totp: Totp
    stand_in: SealedBytes
    """Opened where there is no member's secret: the time it takes must not tell."""

    def __call__(self, email: str, password: str, code: str) -> tuple[BrowserSecret, Session]:
        """The cookie's secret and the session. Raises Refusal SIGN_IN_FAILED."""
        now = self.clock.now()
        with self.units.reading() as uow:
            member = uow.staff.by_email(email.strip().casefold())
        right = self.passwords.matches(password, member.password_hash if member else None)
        step = self._step(member, code)
        with self.units() as uow:
            current = uow.staff.get(member.id) if member else None
            right = right and _same_password(member, current)
            if (
                current is None
                or not _may_try(current, now)
                or not right
                or step is None
                or not uow.staff.accept_step(current.id, step)
            ):
                self._failed(uow, current, right=right)
                uow.commit()
                raise Refusal(RefusalCode.SIGN_IN_FAILED)
            uow.staff.save(replace(current, failures=0, locked_until=None, last_totp_step=step))
            secret, session = self._session(current)
            uow.sessions.add(session)
            self._audit(uow, AuditKind.STAFF_SIGNED_IN, str(current.id))
            uow.commit()
        return secret, session

    def _step(self, member: StaffMember | None, code: str) -> int | None:
        """The same work whether or not there is a member with a secret."""
        owner, sealed = _NOBODY, self.stand_in
        if member is not None and member.totp is not None:
            owner, sealed = member.id, member.totp
        secret = self.opener.open_value(sealed, STAFF, Purpose.TOTP, owner).decode()
        step = self.totp.step(secret, code, self.clock.now())
        return None if owner == _NOBODY else step

    def _failed(self, uow: UnitOfWork, member: StaffMember | None, *, right: bool) -> None:
        """Counts when the password was right; not while the account is paused or closed.

        The row is written either way: the time it takes must not tell that the password was right.
        """
        if member is not None and _may_try(member, self.clock.now()):
            failures = member.failures + right
            pause = right and failures % FAILURES_BEFORE_PAUSE == 0
            uow.staff.save(
                replace(
                    member,
                    failures=failures,
                    locked_until=self.clock.now() + PAUSE if pause else None,
                )
            )
        self._audit(uow, AuditKind.STAFF_SIGN_IN_FAILED, str(member.id) if member else "unknown")

    def _session(self, member: StaffMember) -> tuple[BrowserSecret, Session]:
        now, secret = self.clock.now(), self.ids.secret()
        session = Session(
            id=SessionId(self.ids.new()),
            kind=SessionKind.STAFF,
            secret_hash=sha256(secret.octets).digest(),
            subject=str(member.id),
            language=member.language,
            created_at=now,
            last_used_at=now,
            expires_at=now + STAFF_SESSION_LIFE,
        )
        return secret, session

    def _audit(self, uow: UnitOfWork, kind: AuditKind, subject: str) -> None:
        event = audit_event(self.ids, self.clock.now(), kind, f"staff:{subject}", subject)
        uow.audit.add(event)


def _same_password(member: StaffMember | None, current: StaffMember | None) -> bool:
    """Whether it was not changed while it was checked."""
    return bool(member and current and member.password_hash == current.password_hash)


def _may_try(member: StaffMember, now: datetime) -> bool:
    return (
        member.state is StaffState.ACTIVE
        and member.setup_confirmed
        and (member.locked_until is None or member.locked_until <= now)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmI:
    """The member of staff behind a session cookie, with confirmed grants only."""

    units: Units
    clock: Clock

    def __call__(self, secret: BrowserSecret) -> StaffIdentity:
        """Raises Refusal SESSION_ENDED."""
        now = self.clock.now()
        hashed = sha256(secret.octets).digest()
        with self.units.reading() as uow:
            session = uow.sessions.by_secret(hashed, SessionKind.STAFF)
            if session is None or not session.open_at(now):
                raise Refusal(RefusalCode.SESSION_ENDED)
            member = uow.staff.get(StaffId(UUID(session.subject)))
            if member is None or member.state is not StaffState.ACTIVE:
                raise Refusal(RefusalCode.SESSION_ENDED)
            grants = tuple((one.role, one.queue) for one in uow.staff.grants(member.id))
        if now - session.last_used_at >= TOUCH_EVERY:
            with self.units() as uow:
                uow.sessions.touch(session.id, now)
                uow.commit()
        return StaffIdentity(
            id=member.id,
            name=member.name,
            email=member.email,
            language=member.language,
            grants=grants,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Ends the session; idempotent."""

    units: Units
    clock: Clock

    def __call__(self, secret: BrowserSecret) -> None:
        with self.units() as uow:
            hashed = sha256(secret.octets).digest()
            session = uow.sessions.by_secret(hashed, SessionKind.STAFF)
            if session is not None:
                uow.sessions.end(session.id, self.clock.now())
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    """The language of a member's pages and mails."""

    units: Units

    def __call__(self, staff: StaffIdentity, language: str) -> None:
        with self.units() as uow:
            member = uow.staff.get(staff.id)
            if member is not None:
                uow.staff.save(replace(member, language=language))
            uow.commit()
