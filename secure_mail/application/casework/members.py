"""Supervisors look after members of their queues: what an operator granted or reset counts once
one of them confirms it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secure_mail.application.casework.trail import Trail
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.access import GrantState, QueueGrant, Role, StaffIdentity, StaffMember
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import GrantId, QueueName, StaffId
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLines:
    members: tuple[tuple[StaffMember, Sequence[QueueGrant]], ...]
    """Each with the confirmed grants."""
    pending: Sequence[QueueGrant]
    """Of the queues this supervisor looks after."""
    resets: tuple[tuple[StaffMember, datetime], ...]
    """Whose reset waits for a confirmation of this supervisor, and since when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMembers:
    """For supervisors. Raises Refusal NO_ACCESS."""

    units: Units

    def __call__(self, staff: StaffIdentity) -> MemberLines:
        _supervises(staff)
        with self.units.reading() as uow:
            members = uow.staff.all()
            return MemberLines(
                members=tuple((member, uow.staff.grants(member.id)) for member in members),
                pending=[one for one in uow.staff.pending() if _looks_after(uow, staff, one.queue)],
                resets=tuple(
                    (member, _reset_at(uow, member))
                    for member in members
                    if not member.setup_confirmed and _knows(uow, staff, member)
                ),
            )


def _reset_at(uow: UnitOfWork, member: StaffMember) -> datetime:
    resets = [
        event.at for event in uow.audit.of(str(member.id)) if event.kind is AuditKind.STAFF_RESET
    ]
    return max(resets, default=member.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleGrant:
    """Confirms a pending grant, or ends it. Nobody confirms a grant of their own.

    Raises Refusal NO_ACCESS, NOT_FOUND.
    """

    units: Units
    clock: Clock
    trail: Trail

    def __call__(self, staff: StaffIdentity, grant_id: GrantId, *, confirm: bool) -> None:
        _supervises(staff)
        with self.units() as uow:
            grant = uow.staff.grant(grant_id)
            if grant is None or grant.state is not GrantState.PENDING:
                raise Refusal(RefusalCode.NOT_FOUND)
            own = confirm and grant.staff_id == staff.id
            if own or not _looks_after(uow, staff, grant.queue):
                raise Refusal(RefusalCode.NO_ACCESS, queue=grant.queue)
            uow.staff.save_grant(
                replace(
                    grant,
                    state=GrantState.CONFIRMED if confirm else GrantState.ENDED,
                    confirmed_by=staff.id,
                    confirmed_at=self.clock.now(),
                )
            )
            self.trail.audit(
                uow,
                staff,
                str(grant.staff_id),
                AuditKind.GRANT_CONFIRMED,
                grant=str(grant_id),
                confirmed=str(confirm).lower(),
            )
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReset:
    """Lets a member whose account was reset sign in again; their roles stay as they were.

    Raises Refusal NO_ACCESS, NOT_FOUND.
    """

    units: Units
    trail: Trail

    def __call__(self, staff: StaffIdentity, member_id: StaffId) -> None:
        _supervises(staff)
        if member_id == staff.id:
            raise Refusal(RefusalCode.NO_ACCESS)
        with self.units() as uow:
            member = _unconfirmed(uow, member_id)
            if not _knows(uow, staff, member):
                raise Refusal(RefusalCode.NO_ACCESS)
            uow.staff.save(replace(member, setup_confirmed=True))
            self.trail.audit(uow, staff, str(member_id), AuditKind.STAFF_RESET, act="confirmed")
            uow.commit()


def _unconfirmed(uow: UnitOfWork, member_id: StaffId) -> StaffMember:
    member = uow.staff.get(member_id)
    if member is None or member.setup_confirmed:
        raise Refusal(RefusalCode.NOT_FOUND)
    return member


def _looks_after(uow: UnitOfWork, staff: StaffIdentity, queue: QueueName) -> bool:
    """Roles are per queue. A queue without a supervisor who can sign in is looked after by all."""
    return (Role.SUPERVISOR, queue) in staff.grants or not any(
        one.setup_confirmed for one in uow.staff.holders(queue, {Role.SUPERVISOR})
    )


def _knows(uow: UnitOfWork, staff: StaffIdentity, member: StaffMember) -> bool:
    """Whether one of the member's queues is theirs to look after; of no queue: anybody's."""
    grants = uow.staff.grants(member.id)
    return not grants or any(_looks_after(uow, staff, grant.queue) for grant in grants)


def _supervises(staff: StaffIdentity) -> None:
    if not staff.is_supervisor:
        raise Refusal(RefusalCode.NO_ACCESS)
