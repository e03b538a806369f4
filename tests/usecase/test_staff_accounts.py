"""What the operator may do to accounts; a grant of the operator's counts for nothing by itself."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.application.upkeep.staff_accounts import SETUP_LIFE, StaffAccounts
from secure_mail.domain.access import GrantState, Role, StaffMember, StaffState
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import QueueName, SessionId
from secure_mail.domain.links import Session, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.store import FakeStore

TRIAGE, PARTNERS = QueueName("triage"), QueueName("partners")
BOSS, CLERK = "boss@staff.example", "clerk@staff.example"


class World:
    def __init__(self) -> None:
        self.clock, self.ids = FixedClock(), SeededIds()
        self.store = FakeStore(ids=self.ids, clock=self.clock)
        self.accounts = StaffAccounts(units=self.store.units, clock=self.clock, ids=self.ids)

    def audited(self) -> list[AuditKind]:
        return [event.kind for event in self.store.state.audit.values()]

    def grants(self, email: str) -> list[tuple[Role, QueueName, GrantState]]:
        (held,) = [held for member, held in self.accounts.all() if member.email == email]
        return [(grant.role, grant.queue, grant.state) for grant in held]

    def signed_in(self, member: StaffMember) -> SessionId:
        session = Session(
            id=SessionId(self.ids.new()),
            kind=SessionKind.STAFF,
            secret_hash=b"hash",
            subject=str(member.id),
            language="fi",
            created_at=START,
            last_used_at=START,
            expires_at=START + timedelta(hours=8),
        )
        with self.store.units() as unit:
            unit.sessions.add(session)
            unit.commit()
        return session.id

    def ended(self, session: SessionId) -> bool:
        return self.store.state.sessions[session].ended_at == START


@pytest.fixture
def world():
    return World()


def test_the_first_supervisors_grants_count_at_once(world):
    invitation = world.accounts.init("Boss@Staff.Example ", "Boss", [TRIAGE, PARTNERS])
    assert invitation.member.email == BOSS
    assert world.grants(BOSS) == [
        (Role.SUPERVISOR, TRIAGE, GrantState.CONFIRMED),
        (Role.SUPERVISOR, PARTNERS, GrantState.CONFIRMED),
    ]
    with pytest.raises(ConflictError):
        world.accounts.init(CLERK, "Clerk", [TRIAGE])


def test_a_further_members_grants_wait_for_a_supervisor(world):
    world.accounts.init(BOSS, "Boss", [TRIAGE])
    world.accounts.add(CLERK, "Clerk", Role.CASEWORKER, [TRIAGE])
    world.accounts.grant(CLERK, Role.READER, [PARTNERS])
    assert world.grants(CLERK) == [
        (Role.CASEWORKER, TRIAGE, GrantState.PENDING),
        (Role.READER, PARTNERS, GrantState.PENDING),
    ]
    with pytest.raises(ConflictError):
        world.accounts.add(CLERK.upper(), "Another", Role.READER, [TRIAGE])
    assert world.audited().count(AuditKind.GRANT_REQUESTED) == 3


def test_the_one_time_address_is_stored_as_a_hash_and_ends(world):
    invitation = world.accounts.init(BOSS, "Boss", [TRIAGE])
    member = invitation.member
    assert member.setup_hash == sha256(invitation.token.encode()).digest()
    assert member.setup_until == START + SETUP_LIFE
    assert invitation.token not in repr(world.store.state.staff)


def test_a_reset_ends_everything_until_a_supervisor_confirms(world):
    first = world.accounts.init(BOSS, "Boss", [TRIAGE])
    session = world.signed_in(first.member)
    again = world.accounts.reset(BOSS)
    assert again.token != first.token
    assert again.member.state is StaffState.INVITED
    assert again.member.password_hash is None
    assert again.member.totp is None
    assert not again.member.setup_confirmed
    assert world.ended(session)
    assert world.audited()[-1] is AuditKind.STAFF_RESET


def test_a_disabled_account_ends_at_once(world):
    session = world.signed_in(world.accounts.init(BOSS, "Boss", [TRIAGE]).member)
    world.accounts.disable(BOSS)
    ((member, _),) = world.accounts.all()
    assert member.state is StaffState.DISABLED
    assert member.setup_hash is None
    assert world.ended(session)
    assert world.audited()[-1] is AuditKind.STAFF_DISABLED


@pytest.mark.parametrize("act", ["reset", "disable"])
def test_who_is_not_there_is_not_found(world, act):
    with pytest.raises(Refusal) as refusal:
        getattr(world.accounts, act)(CLERK)
    assert refusal.value.code is RefusalCode.NOT_FOUND
    with pytest.raises(Refusal):
        world.accounts.grant(CLERK, Role.READER, [TRIAGE])
    assert world.audited() == []
