"""Attachments: what was not scanned is confirmed, what is harmful never leaves."""

import pytest

from secure_mail.application.casework.open_attachment import OpenAttachment
from secure_mail.domain.access import Role
from secure_mail.domain.messages import PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.sealing import CannotOpenError
from tests.usecase.casework_world import MAIL, PARTNERS, TRIAGE, Casework

PLAN = b"%PDF-1.7 plan"


@pytest.fixture
def world():
    world = Casework()
    world.open = OpenAttachment(units=world.units, opening=world.opening, trail=world.trail)
    return world


@pytest.fixture
def clerk(world):
    return world.member()


def with_file(world, verdict=None):
    if verdict:
        world.scanner.said = {"plan.pdf": verdict}
    message = world.post(files=[("plan.pdf", PLAN)])
    world.work()
    [file] = world.parts_of(message, PartKind.FILE)
    return message, file


def refused(code, call, *args, **options):
    with pytest.raises(Refusal) as caught:
        call(*args, **options)
    assert caught.value.code is code


def test_what_was_not_scanned_must_be_confirmed(world, clerk):
    message, file = with_file(world)
    asked = world.open(clerk, message.reference, file.id, confirmed=False)
    assert (asked.octets, asked.verdict) == (None, ScanVerdict.UNSCANNED)
    assert (asked.label.name, asked.size) == ("plan.pdf", len(PLAN))
    assert "file.downloaded" not in world.audited()
    given = world.open(clerk, message.reference, file.id, confirmed=True)
    assert given.octets == PLAN
    assert world.events(world.case_of(message)) == ["filed", "downloaded"]
    assert world.audited()[-1] == "file.downloaded"


def test_what_was_scanned_needs_no_question(world, clerk):
    message, file = with_file(world, ScanVerdict.CLEAN)
    assert world.open(clerk, message.reference, file.id, confirmed=False).octets == PLAN


def test_a_harmful_file_is_never_handed_out(world):
    clerk = world.member(grants=((Role.SUPERVISOR, TRIAGE),))
    message, file = with_file(world, ScanVerdict.INFECTED)
    for confirmed in (False, True):
        found = world.open(clerk, message.id, file.id, confirmed=confirmed)
        assert (found.octets, found.verdict) == (None, ScanVerdict.INFECTED)
    assert "file.downloaded" not in world.audited()


@pytest.mark.parametrize(
    ("verdict", "given"), [(ScanVerdict.UNSCANNED, MAIL), (ScanVerdict.INFECTED, None)]
)
def test_an_original_is_as_harmful_as_what_it_carries(world, verdict, given):
    clerk = world.member(grants=((Role.READER, TRIAGE), (Role.READER, PARTNERS)))
    world.scanner.said = {"order.pdf": verdict}
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    world.work()
    [raw] = world.parts_of(message, PartKind.RAW)
    case = world.case_of(message)
    of = case.reference if case else message.id
    assert world.open(clerk, of, raw.id, confirmed=False).octets is None
    original = world.open(clerk, of, raw.id, confirmed=True)
    assert original.octets == given
    assert original.label.name == f"{message.reference}.eml"


def test_an_original_that_nobody_scanned_is_confirmed_even_if_its_files_are_clean(world):
    clerk = world.member(grants=((Role.READER, PARTNERS),))
    world.scanner.said = {"order.pdf": ScanVerdict.CLEAN}
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    world.work()
    [raw] = world.parts_of(message, PartKind.RAW)
    assert world.open(clerk, message.reference, raw.id, confirmed=False).octets is None


def test_a_part_is_found_through_its_own_case_only(world, clerk):
    message, file = with_file(world)
    other = world.filed()
    refused(RefusalCode.NOT_FOUND, world.open, clerk, other.reference, file.id, confirmed=True)
    for kind in (PartKind.VIEW, PartKind.FORM):
        [part] = world.parts_of(message, kind)
        refused(
            RefusalCode.NOT_FOUND, world.open, clerk, message.reference, part.id, confirmed=True
        )
    stranger = world.member(grants=((Role.READER, TRIAGE),))
    refused(RefusalCode.NO_ACCESS, world.open, stranger, message.reference, file.id, confirmed=True)


def test_files_of_held_messages_are_for_those_who_read_triage(world, clerk):
    [message] = world.mail()
    world.work()
    [file] = world.parts_of(message, PartKind.FILE)
    refused(RefusalCode.NO_ACCESS, world.open, clerk, message.id, file.id, confirmed=True)
    reader = world.member(grants=((Role.READER, TRIAGE),))
    assert world.open(reader, message.id, file.id, confirmed=True).octets == b"%PDF-1.7 order"
    assert world.audited()[-1] == "file.downloaded"
    filed = with_file(world)
    refused(RefusalCode.NOT_FOUND, world.open, reader, filed[0].id, filed[1].id, confirmed=True)


def test_a_swapped_file_is_an_alarm_and_nothing_is_handed_out(world, clerk):
    message, file = with_file(world)
    world.swap(file)
    with pytest.raises(CannotOpenError):
        world.open(clerk, message.reference, file.id, confirmed=True)
    assert world.audited()[-1] == "seal.broken"
