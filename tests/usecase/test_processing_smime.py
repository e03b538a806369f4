"""What S/MIME proves to the worker, and what it lets it read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.domain.authentication import Reason
from secure_mail.domain.messages import Assurance, MessageState
from secure_mail.domain.partners import Check
from secure_mail.domain.work import JobKind
from tests.fakes import smime as faked
from tests.fakes.chance import START
from tests.usecase.casework_world import MAIL, Casework
from tests.usecase.court_world import (
    BODY,
    DAY,
    TOP,
    arrived,
    made_people,
    pinned,
    signed,
    smime_line,
    text_of,
)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return made_people(tmp_path_factory)


@pytest.fixture
def world():
    return Casework()


@pytest.fixture
def court(world, people):
    return world.partner(require=(Check.SMIME,), certificates=pinned(*people.values()), networks=())


def test_a_signature_of_a_registered_certificate_proves_the_partner(world, court, people):
    message = arrived(world, court, signed(people["clerk"].pem))
    assert (message.state, message.assurance) == (MessageState.FILED, Assurance.SMTP_PARTNER)
    assert message.partner_id == court.id
    assert smime_line(message) == ("pass", "")
    assert text_of(world, message) == "Secret words of a court"
    with world.units.reading() as uow:
        [event] = uow.cases.events(message.case_id)
    assert event.facts["checks"] == "tls smime"


def test_the_domain_of_the_name_is_read_in_any_case(world, court, people):
    assert arrived(world, court, signed(people["upper"].pem)).state is MessageState.FILED


@pytest.mark.parametrize("who", ["other", "nameless", "ended", "future"])
def test_a_registered_certificate_of_another_name_or_time_does_not(world, court, people, who):
    message = arrived(world, court, signed(people[who].pem))
    assert (message.state, message.reason) == (MessageState.HELD, "not-proved")
    assert message.partner_id is None
    assert smime_line(message) == ("fail", "signature-wrong")


def test_where_no_certificate_speaks_for_the_author_it_is_said_so(world, people):
    partner = world.partner(require=(Check.SMIME,), certificates=pinned(people["ended"]))
    message = arrived(world, partner, signed(people["ended"].pem))
    assert message.reason == "not-proved"
    assert smime_line(message) == ("fail", "no-certificate-for-author")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (lambda pem: MAIL, ("none", "unsigned")),
        (lambda pem: signed(pem, "stranger's"), ("fail", "signature-wrong")),
        (lambda pem: signed("stranger's"), ("fail", "signature-wrong")),
        (lambda pem: signed(pem, weak=True), ("policy", "algorithm-not-accepted")),
        (lambda pem: signed(pem).replace(b"Secret", b"secret"), ("fail", "signature-wrong")),
    ],
)
def test_what_is_not_signed_so_is_held(world, court, people, raw, said):
    message = arrived(world, court, raw(people["clerk"].pem))
    assert (message.state, message.reason) == (MessageState.HELD, "not-proved")
    assert smime_line(message) == said


def test_without_openssl_nobody_is_proved_and_nothing_lost(world, court, people):
    world.smime.available = False
    message = arrived(world, court, signed(people["clerk"].pem))
    assert (message.state, message.reason) == (MessageState.HELD, "not-proved")
    assert smime_line(message) == ("temperror", "not-verifiable-here")


def test_a_signature_proves_nothing_without_the_other_checks(world, people):
    partner = world.partner(
        require=(Check.SMIME, Check.DMARC), certificates=pinned(people["clerk"])
    )
    message = arrived(world, partner, signed(people["clerk"].pem))
    assert message.reason == "not-proved"
    message = arrived(world, partner, signed(people["clerk"].pem), checks=("dmarc", "tls"))
    assert message.state is MessageState.FILED


def test_a_check_named_smime_in_the_evidence_of_a_door_is_nothing(world, court):
    message = arrived(world, court, MAIL, checks=("smime", "tls"))
    assert message.reason == "not-proved"


def test_the_envelope_must_be_the_partners_too(world, court, people):
    message = arrived(world, court, signed(people["clerk"].pem), partner=None)
    assert message.reason == "not-proved"


# -- encryption ------------------------------------------------------------------------------------


def test_what_was_encrypted_to_us_is_read(world, court, people):
    inside = signed(people["clerk"].pem, header=b"")
    message = arrived(world, court, faked.encrypted(inside, "box", header=TOP))
    assert message.state is MessageState.FILED
    assert text_of(world, message) == "Secret words of a court"


def test_a_signature_counts_only_outermost_in_what_was_decrypted(world, court, people):
    inside = b"Content-Type: message/rfc822\r\n\r\n" + signed(people["clerk"].pem)
    message = arrived(world, court, faked.encrypted(inside, "box", header=TOP))
    assert message.reason == "not-proved"
    assert smime_line(message) == ("none", "unsigned")


def test_what_was_signed_around_an_encryption_counts_and_is_read(world, court, people):
    inside = faked.encrypted(BODY, "box", header=b"")
    message = arrived(world, court, signed(people["clerk"].pem, content=inside))
    assert message.state is MessageState.FILED
    assert text_of(world, message) == "Secret words of a court"


def test_what_does_not_open_is_held_as_locked_with_its_octets(world, court, people):
    raw = faked.encrypted(signed(people["clerk"].pem, header=b""), "somebody", header=TOP)
    message = arrived(world, court, raw)
    assert (message.state, message.reason) == (MessageState.HELD, "locked")


def test_without_a_key_everything_encrypted_is_locked(world, court, people):
    alone = replace(world.process.authenticate, decrypter=None)
    world.jobs[JobKind.PROCESS_MESSAGE] = replace(world.process, authenticate=alone)
    message = arrived(world, court, faked.encrypted(BODY, "box", header=TOP))
    assert message.reason == "locked"


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (START - timedelta(days=7), None),
        (START - timedelta(days=7, seconds=1), "replayed"),
        (START + timedelta(hours=24), None),
        (START + timedelta(hours=25), "replayed"),
        (None, "replayed"),
    ],
)
def test_a_signature_of_another_day_may_be_of_another_letter(world, court, people, at, reason):
    message = arrived(world, court, signed(people["clerk"].pem, at=at))
    assert message.reason == reason


def test_of_a_partner_that_need_not_sign_an_old_signature_is_no_replay(world, people):
    partner = world.partner(certificates=pinned(people["clerk"]))
    message = arrived(
        world,
        partner,
        signed(people["clerk"].pem, at=START - DAY * 20),
        checks=("network", "tls"),
    )
    assert message.state is MessageState.FILED
    assert smime_line(message) == ("pass", Reason.OTHER_DATE)
