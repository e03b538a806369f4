"""Staff, the audit trail, rule sets, notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.application.ports.store_upkeep import StoredRuleSet
from secure_mail.domain.access import MAY_WORK, GrantState, Role, StaffState
from secure_mail.domain.events import AuditEvent, AuditKind
from secure_mail.domain.ids import EventId, StaffId
from tests.fakes.chance import START
from tests.fakes.store import samples

SECOND = timedelta(seconds=1)


def test_staff_are_found_by_address_and_by_set_up_token(store):
    with store.writing() as unit:
        member = samples.member(
            setup_hash=b"token", setup_until=START, totp=samples.SEALED, email="b@example.org"
        )
        other = samples.member(email="a@example.org")
        unit.staff.add(member)
        unit.staff.add(other)
        assert unit.staff.get(member.id) == member
        assert unit.staff.by_email(member.email) == member
        assert unit.staff.by_email("nobody@example.org") is None
        assert unit.staff.by_setup(b"token") == member
        assert unit.staff.all() == [other, member]
        disabled = replace(member, state=StaffState.DISABLED, setup_hash=None, failures=3)
        unit.staff.save(disabled)
        assert unit.staff.get(member.id) == disabled
    with store.units() as unit, pytest.raises(ConflictError):
        unit.staff.add(samples.member(email=member.email))


def test_a_time_step_counts_once(store):
    with store.writing() as unit:
        member = samples.member(last_totp_step=5)
        unit.staff.add(member)
        steps = [unit.staff.accept_step(member.id, step) for step in (5, 6, 6, 4, 8)]
        assert steps == [False, True, False, False, True]
        assert unit.staff.get(member.id).last_totp_step == 8


def test_two_changes_of_one_member_do_not_undo_each_other(store):
    """A sign-in that was under way must not bring a disabled account back."""
    with store.writing() as unit:
        member = samples.member()
        unit.staff.add(member)

    def disable():
        with store.units() as unit:
            unit.staff.save(replace(unit.staff.get(member.id), state=StaffState.DISABLED))
            unit.commit()

    other = Thread(target=disable)
    with store.units() as unit:
        seen = unit.staff.get(member.id)
        other.start()
        other.join(0.2)
        unit.staff.save(replace(seen, failures=3))
        unit.commit()
    other.join()
    with store.units.reading() as unit:
        both = unit.staff.get(member.id)
    assert (both.state, both.failures) == (StaffState.DISABLED, 3)


def test_grants_count_when_confirmed(store):
    with store.writing() as unit:
        members = [samples.member(), samples.member(state=StaffState.DISABLED), samples.member()]
        states = (GrantState.CONFIRMED, GrantState.CONFIRMED, GrantState.PENDING)
        grants = []
        for member, state in zip(members, states, strict=True):
            unit.staff.add(member)
            grants.append(samples.grant(staff_id=member.id, state=state))
            unit.staff.add_grant(grants[-1])
        assert unit.staff.holders(samples.QUEUE, MAY_WORK) == [members[0]]
        assert unit.staff.holders(samples.QUEUE, {Role.READER}) == []
        assert unit.staff.grants(members[0].id) == [grants[0]]
        assert unit.staff.grants(members[2].id) == []
        assert unit.staff.grants(members[2].id, GrantState.PENDING) == [grants[2]]
        assert unit.staff.pending() == [grants[2]]
        confirmed = replace(
            grants[2],
            state=GrantState.CONFIRMED,
            confirmed_by=StaffId(members[0].id),
            confirmed_at=START,
        )
        unit.staff.save_grant(confirmed)
        assert unit.staff.grant(confirmed.id) == confirmed
        assert {each.id for each in unit.staff.holders(samples.QUEUE, MAY_WORK)} == {
            members[0].id,
            members[2].id,
        }


def test_the_audit_trail_of_a_subject_comes_oldest_first(store):
    with store.writing() as unit:
        later, first = (
            AuditEvent(
                id=EventId(samples.new()),
                at=at,
                kind=AuditKind.CASE_READ,
                actor="worker",
                subject="subject",
                facts={"queue": "abroad"},
            )
            for at in (START + SECOND, START)
        )
        unit.audit.add(later)
        unit.audit.add(first)
        assert unit.audit.of("subject") == [first, later]
        assert unit.audit.of("other") == []


def test_the_rules_approved_last_are_in_force(store):
    with store.writing() as unit:
        assert unit.rule_sets.in_force() is None
        old = StoredRuleSet(hash="a", text="x", approved_at=START, approved_by=("p", "q"))
        new = replace(old, hash="b", approved_at=START + SECOND)
        unit.rule_sets.approve(old)
        unit.rule_sets.approve(new)
        assert unit.rule_sets.in_force() == new
        again = replace(old, approved_at=START + 2 * SECOND)
        unit.rule_sets.approve(again)
        assert unit.rule_sets.in_force() == again


def test_a_notice_is_current_half_open(store):
    words = {"en": "Down", "fi": "Poissa", "sv": "Nere"}
    with store.writing() as unit:
        number = unit.notices.add(START, START + SECOND, words)
        second = unit.notices.add(START + SECOND, START + 2 * SECOND, words)
        assert [notice.id for notice in unit.notices.all()] == [number, second]
        assert unit.notices.current(START - SECOND) == []
        [current] = unit.notices.current(START)
        assert (current.id, current.text) == (number, words)
        assert [notice.id for notice in unit.notices.current(START + SECOND)] == [second]
        assert unit.notices.remove(number)
        assert not unit.notices.remove(number)
