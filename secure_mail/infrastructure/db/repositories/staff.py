"""Staff and their grants."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, update

from secure_mail.domain.access import GrantState, QueueGrant, Role, StaffMember, StaffState
from secure_mail.domain.ids import GrantId, QueueName, StaffId
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import casework as tables
from secure_mail.infrastructure.db.transaction import Transaction

MEMBER = Mapped(tables.StaffMember, StaffMember)
GRANT = Mapped(tables.QueueGrant, QueueGrant)
BY_TIME = (GRANT.c.granted_at, GRANT.c.id)


class SqlStaff:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, member: StaffMember) -> None:
        self._tx.add(MEMBER, member)

    def get(self, member: StaffId) -> StaffMember | None:
        return self._tx.first(MEMBER, MEMBER.c.id == member, lock=True)

    def by_email(self, email: str) -> StaffMember | None:
        return self._tx.first(MEMBER, MEMBER.c.email == email, lock=True)

    def by_setup(self, setup_hash: bytes) -> StaffMember | None:
        return self._tx.first(MEMBER, MEMBER.c.setup_hash == setup_hash, lock=True)

    def all(self) -> Sequence[StaffMember]:
        return self._tx.all(MEMBER, order=(MEMBER.c.email,))

    def save(self, member: StaffMember) -> None:
        self._tx.store(MEMBER, member)

    def accept_step(self, member: StaffId, step: int) -> bool:
        statement = (
            update(MEMBER.table)
            .where(MEMBER.c.id == member, MEMBER.c.last_totp_step < step)
            .values(last_totp_step=step)
        )
        return self._tx.change(statement) == 1

    def add_grant(self, grant: QueueGrant) -> None:
        self._tx.add(GRANT, grant)

    def grant(self, grant: GrantId) -> QueueGrant | None:
        return self._tx.first(GRANT, GRANT.c.id == grant, lock=True)

    def save_grant(self, grant: QueueGrant) -> None:
        self._tx.store(GRANT, grant)

    def grants(
        self, member: StaffId, state: GrantState = GrantState.CONFIRMED
    ) -> Sequence[QueueGrant]:
        return self._tx.all(
            GRANT, GRANT.c.staff_id == member, GRANT.c.state == state, order=BY_TIME
        )

    def pending(self) -> Sequence[QueueGrant]:
        return self._tx.all(GRANT, GRANT.c.state == GrantState.PENDING, order=BY_TIME)

    def holders(self, queue: QueueName, roles: Collection[Role]) -> Sequence[StaffMember]:
        holding = select(GRANT.c.staff_id).where(
            GRANT.c.queue == queue,
            GRANT.c.role.in_(roles),
            GRANT.c.state == GrantState.CONFIRMED,
        )
        return self._tx.all(
            MEMBER,
            MEMBER.c.state == StaffState.ACTIVE,
            MEMBER.c.id.in_(holding),
            order=(MEMBER.c.email,),
        )
