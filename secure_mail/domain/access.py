"""Staff, their roles per queue, and who may do what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from secure_mail.domain.ids import GrantId, QueueName, StaffId
from secure_mail.domain.sealing import SealedBytes


class Role(StrEnum):
    READER = "reader"
    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    PARTNER_MANAGER = "partner-manager"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class StaffState(StrEnum):
    INVITED = "invited"
    """Has a one-time set-up address."""
    ACTIVE = "active"
    DISABLED = "disabled"


class GrantState(StrEnum):
    PENDING = "pending"
    """Given by an operator; counts for nothing until a supervisor confirms it."""
    CONFIRMED = "confirmed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    id: StaffId
    email: str
    name: str
    language: str
    state: StaffState
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    totp: SealedBytes | None = field(default=None, repr=False)
    """TOTP secret to the staff key, purpose TOTP, this id."""
    last_totp_step: int = 0
    """RFC 6238 time step last accepted: a step counts once."""
    setup_hash: bytes | None = field(default=None, repr=False)
    """SHA-256 of the one-time set-up token."""
    setup_until: datetime | None = None
    setup_confirmed: bool = True
    """False after a reset until a supervisor confirms it."""
    failures: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueGrant:
    id: GrantId
    staff_id: StaffId
    role: Role
    queue: QueueName
    state: GrantState
    granted_at: datetime
    granted_by: str
    confirmed_by: StaffId | None = None
    confirmed_at: datetime | None = None


MAY_READ = frozenset({Role.READER, Role.CASEWORKER, Role.SUPERVISOR})
MAY_WORK = frozenset({Role.CASEWORKER, Role.SUPERVISOR})
MAY_SEE_PARTNERS = frozenset({Role.SUPERVISOR, Role.PARTNER_MANAGER, Role.AUDITOR, Role.OPERATOR})
"""The registry names officials' addresses: not everybody's to read. In any queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffIdentity:
    """Who is acting: the member and the confirmed grants."""

    id: StaffId
    name: str
    email: str
    language: str
    grants: tuple[tuple[Role, QueueName], ...]

    @property
    def actor(self) -> str:
        return f"staff:{self.id}"

    def may_read(self, queue: QueueName) -> bool:
        return any(role in MAY_READ and held == queue for role, held in self.grants)

    def may_work(self, queue: QueueName) -> bool:
        return any(role in MAY_WORK and held == queue for role, held in self.grants)

    @property
    def queues(self) -> tuple[QueueName, ...]:
        """Queues this person may read, each once, in order of grant."""
        return tuple(dict.fromkeys(held for role, held in self.grants if role in MAY_READ))

    @property
    def is_supervisor(self) -> bool:
        return any(role is Role.SUPERVISOR for role, _ in self.grants)

    @property
    def may_see_partners(self) -> bool:
        return any(role in MAY_SEE_PARTNERS for role, _ in self.grants)
