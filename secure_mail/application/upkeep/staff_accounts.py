"""What an operator may do to staff accounts; grants and resets wait for a supervisor."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import ConflictError, UnitOfWork, Units
from secure_mail.domain.access import (
    GrantState,
    QueueGrant,
    Role,
    StaffMember,
    StaffState,
)
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import GrantId, QueueName, StaffId
from secure_mail.domain.links import SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode

SETUP_LIFE = timedelta(days=3)
OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A member and the token of the one-time address, shown to the operator once."""

    member: StaffMember
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccounts:
    """The operator's acts, each one transaction with its audit event."""

    units: Units
    clock: Clock
    ids: Ids

    def init(self, email: str, name: str, queues: Sequence[QueueName]) -> Invitation:
        """The first supervisor, on an empty table only; the grants count at once.

        Raises ConflictError when there are members already.
        """
        with self.units() as uow:
            if uow.staff.all():
                raise ConflictError
            invitation = self._invite(uow, email, name)
            self._grant(uow, invitation.member.id, Role.SUPERVISOR, queues, GrantState.CONFIRMED)
            uow.commit()
        return invitation

    def add(self, email: str, name: str, role: Role, queues: Sequence[QueueName]) -> Invitation:
        """A new member; the grants are pending. Raises ConflictError: the e-mail is taken."""
        with self.units() as uow:
            invitation = self._invite(uow, email, name)
            self._grant(uow, invitation.member.id, role, queues, GrantState.PENDING)
            uow.commit()
        return invitation

    def grant(self, email: str, role: Role, queues: Sequence[QueueName]) -> None:
        """Further grants, pending. Raises Refusal NOT_FOUND."""
        with self.units() as uow:
            self._grant(uow, _member(uow, email).id, role, queues, GrantState.PENDING)
            uow.commit()

    def reset(self, email: str) -> Invitation:
        """A new one-time address; the old password and code die at once, sessions end.

        The member may sign in after a supervisor confirmed it. Raises Refusal NOT_FOUND.
        """
        with self.units() as uow:
            member = _member(uow, email)
            token, hashed, until = self._token()
            reset = replace(
                member,
                state=StaffState.INVITED,
                password_hash=None,
                totp=None,
                setup_hash=hashed,
                setup_until=until,
                setup_confirmed=False,
            )
            uow.staff.save(reset)
            uow.sessions.end_all(SessionKind.STAFF, str(member.id), self.clock.now())
            self._audit(uow, AuditKind.STAFF_RESET, member.id)
            uow.commit()
        return Invitation(member=reset, token=token)

    def disable(self, email: str) -> None:
        """Ends the account and its sessions at once. Raises Refusal NOT_FOUND."""
        with self.units() as uow:
            member = _member(uow, email)
            uow.staff.save(
                replace(member, state=StaffState.DISABLED, setup_hash=None, setup_until=None)
            )
            uow.sessions.end_all(SessionKind.STAFF, str(member.id), self.clock.now())
            self._audit(uow, AuditKind.STAFF_DISABLED, member.id)
            uow.commit()

    def all(self) -> tuple[tuple[StaffMember, tuple[QueueGrant, ...]], ...]:
        """Every member with confirmed and pending grants."""
        with self.units.reading() as uow:
            pending = uow.staff.pending()
            return tuple(
                (
                    member,
                    (
                        *uow.staff.grants(member.id),
                        *(grant for grant in pending if grant.staff_id == member.id),
                    ),
                )
                for member in uow.staff.all()
            )

    def _invite(self, uow: UnitOfWork, email: str, name: str) -> Invitation:
        token, hashed, until = self._token()
        member = StaffMember(
            id=StaffId(self.ids.new()),
            email=email.strip().casefold(),
            name=name,
            language="fi",
            state=StaffState.INVITED,
            created_at=self.clock.now(),
            setup_hash=hashed,
            setup_until=until,
        )
        uow.staff.add(member)
        self._audit(uow, AuditKind.STAFF_ADDED, member.id)
        return Invitation(member=member, token=token)

    def _grant(
        self,
        uow: UnitOfWork,
        member: StaffId,
        role: Role,
        queues: Sequence[QueueName],
        state: GrantState,
    ) -> None:
        for queue in queues:
            uow.staff.add_grant(
                QueueGrant(
                    id=GrantId(self.ids.new()),
                    staff_id=member,
                    role=role,
                    queue=queue,
                    state=state,
                    granted_at=self.clock.now(),
                    granted_by=OPERATOR,
                )
            )
            self._audit(uow, AuditKind.GRANT_REQUESTED, member, queue=queue, role=role.value)

    def _token(self) -> tuple[str, bytes, datetime]:
        octets = self.ids.secret().octets
        token = base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
        return token, sha256(token.encode()).digest(), self.clock.now() + SETUP_LIFE

    def _audit(self, uow: UnitOfWork, kind: AuditKind, member: StaffId, **facts: str) -> None:
        uow.audit.add(audit_event(self.ids, self.clock.now(), kind, OPERATOR, member, **facts))


def _member(uow: UnitOfWork, email: str) -> StaffMember:
    member = uow.staff.by_email(email.strip().casefold())
    if member is None:
        raise Refusal(RefusalCode.NOT_FOUND)
    return member
