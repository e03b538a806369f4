"""A member of staff sets up the account through a one-time address: password, then TOTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.people import Passwords, Totp
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.domain.access import StaffMember, StaffState
from secure_mail.domain.events import AuditKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import STAFF, Purpose

MIN_PASSWORD = 12
"""Characters; NIST SP 800-63B asks for length, not for kinds of signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtSetUp:
    """Whose one-time address this is. Raises Refusal LINK_DEAD: unknown, used or out of time."""

    units: Units
    clock: Clock

    def __call__(self, token: str) -> StaffMember:
        with self.units.reading() as uow:
            return _invited(uow, self.clock, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePassword:
    """First step: stores the password and a new TOTP secret; returns the secret to show once."""

    units: Units
    clock: Clock
    sealer: Sealer
    passwords: Passwords
    totp: Totp

    def __call__(self, token: str, password: str) -> str:
        """Raises Refusal LINK_DEAD."""
        secret = self.totp.new_secret()
        encoded = self.passwords.hash(password)
        with self.units() as uow:
            member = _invited(uow, self.clock, token)
            sealed = self.sealer.seal_value(secret.encode(), STAFF, Purpose.TOTP, member.id)
            uow.staff.save(replace(member, password_hash=encoded, totp=sealed))
            uow.commit()
        return secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTotp:
    """The secret again, while the set-up is not finished. Raises Refusal LINK_DEAD."""

    units: Units
    clock: Clock
    opener: Opener
    totp: Totp
    issuer: str

    def __call__(self, token: str) -> tuple[str, str]:
        """The secret (base32) and its `otpauth://` address."""
        with self.units.reading() as uow:
            member = _invited(uow, self.clock, token)
        if member.totp is None:
            raise Refusal(RefusalCode.LINK_DEAD)
        secret = self.opener.open_value(member.totp, STAFF, Purpose.TOTP, member.id).decode()
        return secret, self.totp.uri(secret, member.email, self.issuer)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishSetUp:
    """Second step: a right code proves the authenticator; the address dies."""

    units: Units
    clock: Clock
    ids: Ids
    opener: Opener
    totp: Totp

    def __call__(self, token: str, code: str) -> StaffMember:
        """Raises Refusal LINK_DEAD, SIGN_IN_FAILED (the code is wrong: try again)."""
        now = self.clock.now()
        with self.units() as uow:
            member = _invited(uow, self.clock, token)
            if member.totp is None:
                raise Refusal(RefusalCode.LINK_DEAD)
            secret = self.opener.open_value(member.totp, STAFF, Purpose.TOTP, member.id)
            step = self.totp.step(secret.decode(), code, now)
            if step is None:
                raise Refusal(RefusalCode.SIGN_IN_FAILED)
            ready = replace(
                member,
                state=StaffState.ACTIVE,
                setup_hash=None,
                setup_until=None,
                last_totp_step=step,
                failures=0,
                locked_until=None,
            )
            uow.staff.save(ready)
            uow.audit.add(
                audit_event(
                    self.ids,
                    now,
                    AuditKind.STAFF_ADDED,
                    f"staff:{member.id}",
                    member.id,
                    act="set-up",
                )
            )
            uow.commit()
        return ready


def _invited(uow: UnitOfWork, clock: Clock, token: str) -> StaffMember:
    member = uow.staff.by_setup(sha256(token.encode()).digest())
    until = member.setup_until if member else None
    if (
        member is None
        or until is None
        or clock.now() >= until
        or member.state is StaffState.DISABLED
    ):
        raise Refusal(RefusalCode.LINK_DEAD)
    return member
