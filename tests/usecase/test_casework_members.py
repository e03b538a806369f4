"""What an operator grants or resets counts for nothing until a supervisor confirms it."""

from dataclasses import replace

import pytest

from secure_mail.application.casework.members import ConfirmReset, ListMembers, SettleGrant
from secure_mail.application.casework.sign_in import WhoAmI
from secure_mail.application.ports.store import ConflictError
from secure_mail.application.upkeep.staff_accounts import StaffAccounts
from secure_mail.domain.access import GrantState, Role, StaffState
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.usecase.casework_world import ABROAD, STUDENTS, TRIAGE, Casework


@pytest.fixture
def world():
    world = Casework()
    world.accounts = StaffAccounts(units=world.units, clock=world.clock, ids=world.ids)
    acts = {"units": world.units, "trail": world.trail}
    world.list = ListMembers(units=world.units)
    world.settle = SettleGrant(**acts, clock=world.clock)
    world.confirm_reset = ConfirmReset(**acts)
    world.who = WhoAmI(units=world.units, clock=world.clock)
    return world


@pytest.fixture
def boss(world):
    return world.member("Sample Supervisor", grants=((Role.SUPERVISOR, ABROAD),))


def grants(world, member):
    with world.units.reading() as uow:
        return [grant.role for grant in uow.staff.grants(member.id)]


def refused(code, call, *args, **options):
    with pytest.raises(Refusal) as caught:
        call(*args, **options)
    assert caught.value.code is code


def test_a_grant_counts_once_a_supervisor_confirmed_it(world, boss):
    added = world.accounts.add("new@kela.example", "New", Role.CASEWORKER, [ABROAD]).member
    assert grants(world, added) == []
    with world.units.reading() as uow:
        assert [one.id for one in uow.staff.holders(ABROAD, {Role.CASEWORKER})] == []
    [pending] = world.list(boss).pending
    assert (pending.staff_id, pending.granted_by) == (added.id, "operator")
    world.settle(boss, pending.id, confirm=True)
    assert grants(world, added) == [Role.CASEWORKER]
    stored = world.store.state.grants[pending.id]
    assert (stored.confirmed_by, stored.confirmed_at) == (boss.id, world.clock.now())
    assert world.audited()[-1] == "grant.confirmed"
    refused(RefusalCode.NOT_FOUND, world.settle, boss, pending.id, confirm=False)


def test_a_grant_may_be_declined(world, boss):
    added = world.accounts.add("new@kela.example", "New", Role.CASEWORKER, [ABROAD]).member
    [pending] = world.list(boss).pending
    world.settle(boss, pending.id, confirm=False)
    assert world.store.state.grants[pending.id].state is GrantState.ENDED
    assert grants(world, added) == []


def test_nobody_confirms_a_grant_of_their_own(world, boss):
    world.accounts.grant(boss.email, Role.SUPERVISOR, [TRIAGE])
    [pending] = world.list(boss).pending
    refused(RefusalCode.NO_ACCESS, world.settle, boss, pending.id, confirm=True)
    assert grants(world, boss) == [Role.SUPERVISOR]
    other = world.member("Another Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
    world.settle(other, pending.id, confirm=True)
    assert len(grants(world, boss)) == 2


def test_a_supervisor_of_another_queue_settles_no_grant(world, boss):
    other = world.member("Another Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
    world.accounts.add("new@kela.example", "New", Role.CASEWORKER, [ABROAD])
    [pending] = world.list(boss).pending
    assert world.list(other).pending == []
    for confirm in (True, False):
        refused(RefusalCode.NO_ACCESS, world.settle, other, pending.id, confirm=confirm)
    assert world.store.state.grants[pending.id].state is GrantState.PENDING
    world.settle(boss, pending.id, confirm=True)


@pytest.mark.parametrize("gone", [False, True])
def test_a_queue_without_a_supervisor_is_looked_after_by_all(world, boss, gone):
    if gone:
        left = world.member("Gone Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
        world.accounts.disable(left.email)
    added = world.accounts.add("new@kela.example", "New", Role.SUPERVISOR, [TRIAGE]).member
    [pending] = world.list(boss).pending
    world.settle(boss, pending.id, confirm=True)
    assert grants(world, added) == [Role.SUPERVISOR]


def test_a_supervisor_of_none_of_the_members_queues_confirms_no_reset(world, boss):
    clerk = world.member(grants=((Role.CASEWORKER, ABROAD), (Role.READER, STUDENTS)))
    world.member("Students' Supervisor", grants=((Role.SUPERVISOR, STUDENTS),))
    other = world.member("Another Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
    world.accounts.reset(clerk.email)
    assert world.list(other).resets == ()
    refused(RefusalCode.NO_ACCESS, world.confirm_reset, other, clerk.id)
    world.confirm_reset(boss, clerk.id)


def test_the_reset_of_a_queues_only_supervisor_is_confirmed_by_any_other(world, boss):
    only = world.member("Only Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
    world.accounts.reset(only.email)
    stored = world.store.state.staff[only.id]
    world.store.state.staff[only.id] = replace(stored, state=StaffState.ACTIVE)
    assert [one.id for one, _ in world.list(boss).resets] == [only.id]
    world.confirm_reset(boss, only.id)


def test_only_supervisors_look_after_members(world, boss):
    clerk = world.member()
    world.accounts.add("new@kela.example", "New", Role.CASEWORKER, [ABROAD])
    [pending] = world.list(boss).pending
    for call in (
        lambda: world.list(clerk),
        lambda: world.settle(clerk, pending.id, confirm=True),
        lambda: world.confirm_reset(clerk, boss.id),
    ):
        refused(RefusalCode.NO_ACCESS, call)


def test_a_reset_is_confirmed_by_another(world, boss):
    clerk = world.member()
    world.accounts.reset(clerk.email)
    at = world.clock.now()
    world.later(hours=1)
    world.accounts.reset(boss.email)
    assert {one.id for one, _ in world.list(boss).resets} == {clerk.id, boss.id}
    assert {one.id: since for one, since in world.list(boss).resets}[clerk.id] == at
    refused(RefusalCode.NO_ACCESS, world.confirm_reset, boss, boss.id)
    world.confirm_reset(boss, clerk.id)
    assert [one.id for one, _ in world.list(boss).resets] == [boss.id]
    refused(RefusalCode.NOT_FOUND, world.confirm_reset, boss, clerk.id)
    assert world.audited()[-1] == "staff.reset"


def test_the_first_supervisor_is_made_on_an_empty_table_only(world):
    first = world.accounts.init("first@kela.example", "First", [ABROAD]).member
    assert grants(world, first) == [Role.SUPERVISOR]
    with pytest.raises(ConflictError):
        world.accounts.init("second@kela.example", "Second", [ABROAD])
    with pytest.raises(ConflictError):
        world.accounts.add("FIRST@kela.example ", "Again", Role.READER, [ABROAD])


@pytest.mark.parametrize("act", ["grant", "reset", "disable"])
def test_who_is_not_there_is_not_found(world, act):
    more = (Role.READER, [ABROAD]) if act == "grant" else ()
    refused(RefusalCode.NOT_FOUND, getattr(world.accounts, act), "nobody@kela.example", *more)


def test_the_operator_sees_confirmed_and_pending_grants(world, boss):
    world.accounts.grant(boss.email, Role.READER, [TRIAGE])
    [(member, held)] = world.accounts.all()
    assert member.id == boss.id
    assert [grant.state for grant in held] == [GrantState.CONFIRMED, GrantState.PENDING]
