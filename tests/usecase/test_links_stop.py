"""links.md rule 16: links end by the sender's stop code, or by staff with a reason."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from secure_mail.domain.access import Role, StaffIdentity
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.cases import Case, CaseEventKind, CaseState, SealedSummary
from secure_mail.domain.ids import CaseId, QueueName, Reference, StaffId
from secure_mail.domain.links import BLOCK_LIFE, GRACE, StopAction
from secure_mail.domain.messages import Assurance
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import Purpose, SealedBytes, queue_key
from secure_mail.domain.work import FencedError
from tests.fakes.chance import START
from tests.fakes.vault import FakeBlindIndex, FakeOpener
from tests.usecase.links_world import HOME, LIFE, MAIJA, STRANGER, LinksWorld

SECOND = timedelta(seconds=1)
QUEUE = QueueName("student_loans")


@pytest.fixture
def world():
    return LinksWorld()


@pytest.fixture
def session(world):
    """The token of a live link, and the cookie of a session that came of it."""
    token = world.link()
    return token, world.redeem(token).secret


def assert_ended(world, session):
    token, secret = session
    with pytest.raises(Refusal, match=RefusalCode.LINK_DEAD.value):
        world.look(token)
    with pytest.raises(Refusal, match=RefusalCode.SESSION_ENDED.value):
        world.read(secret)


def assert_open(world, session):
    token, secret = session
    world.look(token)
    world.read(secret)


def test_a_right_and_a_wrong_code_are_answered_and_stored_alike(world):
    world.stop(StopAction.REVOKE)
    world.stop(StopAction.REVOKE, code="WRONG000")
    right, wrong = world.store.state.stops.values()
    assert len(right.sealed) == len(wrong.sealed)
    assert MAIJA.local.encode() not in right.sealed
    world.work()
    assert [stop.sealed for stop in world.store.state.stops.values()] == [b"", b""]


def test_the_limit_of_stop_requests_holds_when_the_worker_has_taken_them(world):
    for _ in range(world.limits.network_hour):
        world.stop(StopAction.REVOKE, code="WRONG000")
        world.work()
    with pytest.raises(Refusal, match=RefusalCode.RATE_LIMITED.value):
        world.stop(StopAction.REVOKE, code="WRONG001")


def test_it_takes_effect_when_the_worker_has_taken_it_and_ends_derived_sessions(world, session):
    other = world.link(address=EmailAddress.parse("else@example.com"))
    world.stop(StopAction.REVOKE)
    assert_open(world, session)
    world.work()
    assert_ended(world, session)
    world.look(other)
    world.link()  # new ones may be asked for


@pytest.mark.parametrize("spoil", [lambda code: code[:-1], lambda code: code + "0", lambda _: ""])
def test_a_wrong_code_does_nothing(world, session, spoil):
    world.stop(StopAction.NEVER, code=spoil(world.stop_codes.code(MAIJA)))
    world.work()
    assert_open(world, session)
    assert "links.blocked" not in world.events()


def test_the_code_of_another_address_does_nothing(world, session):
    world.stop(StopAction.NEVER, code=world.stop_codes.code(EmailAddress.parse("x@example.com")))
    world.work()
    assert_open(world, session)


def test_a_code_is_typed_as_people_type(world, session):
    code = world.stop_codes.code(MAIJA)
    typed = f" {code[:4]}-{code[4:]} ".lower().replace("0", "o").replace("1", "l")
    world.stop(StopAction.REVOKE, code=typed)
    world.work()
    assert_ended(world, session)


def test_never_ends_links_and_lasts_ninety_days(world, session):
    world.stop(StopAction.NEVER)
    world.work()
    assert_ended(world, session)
    world.ask()
    assert world.work() == []
    assert world.outcomes()[-1] == "blocked"
    world.clock.instant = START + BLOCK_LIFE - SECOND
    world.ask()
    assert world.work() == []
    world.clock.advance(SECOND)
    world.ask()
    assert len(world.work()) == 1


def test_a_request_that_waited_while_the_block_came_is_not_mailed(world):
    (code,) = [world.stop_codes.code(MAIJA)]
    world.ask()
    world.stop(StopAction.NEVER, code=code)
    link, stop = world.claim()
    world.apply_stop(stop)
    world.send_link(link)
    assert world.mailer.sent == []


def test_allow_lifts_the_block(world):
    world.stop(StopAction.NEVER)
    world.work()
    world.stop(StopAction.ALLOW, code="WRONG000")
    world.work()
    world.ask()
    assert world.work() == []
    world.stop(StopAction.ALLOW)
    world.work()
    world.ask()
    assert len(world.work()) == 1
    assert world.events().count("links.blocked") == 2


def test_a_link_in_its_grace_is_ended_too(world):
    token = world.link()
    world.clock.instant = START + LIFE - SECOND
    secret = world.redeem(token).secret
    world.clock.advance(timedelta(minutes=20))
    world.read(secret)
    world.stop(StopAction.REVOKE)
    world.work()
    with pytest.raises(Refusal, match=RefusalCode.SESSION_ENDED.value):
        world.read(secret)
    (link,) = world.links()
    assert not link.in_grace_at(world.clock.now(), START)
    assert timedelta(minutes=20) < GRACE


def test_a_network_that_guesses_is_told_to_wait(world):
    for _ in range(10):
        world.stop(StopAction.REVOKE, code="WRONG000")
    with pytest.raises(Refusal, match=RefusalCode.RATE_LIMITED.value):
        world.stop(StopAction.REVOKE)
    world.stop(StopAction.REVOKE, client=STRANGER)


def test_a_late_worker_stops_nothing(world, session):
    world.stop(StopAction.REVOKE)
    (claim,) = world.claim()
    world.apply_stop(claim)
    with pytest.raises(FencedError):
        world.apply_stop(claim)


def staff(role=Role.CASEWORKER, queue=QUEUE):
    return StaffIdentity(
        id=StaffId(UUID(int=7)),
        name="Clerk",
        email="clerk@body.example",
        language="fi",
        grants=((role, queue),),
    )


def file_case(world, **changes):
    case = Case(
        id=CaseId(UUID(int=8)),
        reference=Reference.of("PK", "7K4Q9M3"),
        queue=QUEUE,
        state=CaseState.NEW,
        received_at=START,
        filed_at=START,
        due_at=None,
        mailbox="ulkomaanperinta",
        channel="form",
        topic="student_loan",
        purpose=None,
        language="fi",
        sender_kind="customer_abroad",
        country="PL",
        acts_for=False,
        assurance=Assurance.LINK_CONFIRMED,
        notify=True,
        partner_id=None,
        address_index=FakeBlindIndex().of(MAIJA),
        last_message_at=START,
    )
    case = replace(case, **changes)
    with world.store.units() as uow:
        uow.cases.add(
            case,
            SealedSummary(case_id=case.id, holder=queue_key("recovery"), sealed=SealedBytes(b"")),
        )
        uow.commit()
    return case


def test_staff_end_a_sender_s_links_with_a_reason(world, session):
    case = file_case(world)
    world.link(client=HOME)
    assert world.end_links(staff(), case.reference, version=1, reason="Asked by telephone") == 2
    assert_ended(world, session)
    (event,) = world.store.state.events.values()
    assert (event.kind, event.facts) == (CaseEventKind.LINKS_ENDED, {"links": "2"})
    assert b"telephone" not in event.note
    opened = FakeOpener(event.holder).open_value(event.note, event.holder, Purpose.NOTE, event.id)
    assert opened == b"Asked by telephone"
    assert event.holder == queue_key("recovery")
    revoked = [e for e in world.store.state.audit.values() if e.kind == "link.revoked"]
    assert {e.actor for e in revoked} == {f"staff:{staff().id}"}
    assert world.store.state.cases[case.id].version == 2
    (act,) = [e for e in world.store.state.audit.values() if e.kind == "case.changed"]
    assert (act.subject, act.facts) == (str(case.id), {"act": "links-ended", "links": "2"})


@pytest.mark.parametrize(
    ("who", "reference", "version", "code"),
    [
        (staff(), Reference.of("PK", "0000000"), 1, RefusalCode.NOT_FOUND),
        (staff(queue=QueueName("triage")), None, 1, RefusalCode.NO_ACCESS),
        (staff(Role.READER), None, 1, RefusalCode.NO_ACCESS),
        (staff(), None, 2, RefusalCode.STALE),
    ],
)
def test_links_end_for_none_who_may_not(world, session, who, reference, version, code):
    case = file_case(world)
    with pytest.raises(Refusal, match=code.value):
        world.end_links(who, reference or case.reference, version=version, reason="x")
    assert_open(world, session)


def test_a_case_without_an_address_ends_none(world):
    case = file_case(world, address_index=None)
    assert world.end_links(staff(), case.reference, version=1, reason="x") == 0
