"""The worker believes a partner when every required check held, and keeps its passport."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.messages import MessageState
from secure_mail.domain.partners import Check
from secure_mail.domain.routing.trace import STATION
from secure_mail.domain.sealing import INTAKE
from secure_mail.domain.work import JobKind
from tests.fakes.chance import START
from tests.usecase.casework_world import MAIL, TRIAGE, Casework
from tests.usecase.court_world import (
    arrived,
    made_people,
    pinned,
    signed,
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


def test_behind_a_relay_the_network_never_holds(world):
    partner = world.partner()
    proved = {**world.proved(partner), "relayed": True}
    [message] = world.mail(**proved)
    world.work()
    assert world.now(message).reason == "not-proved"
    with world.units.reading() as uow:
        rows = {row.check: (row.held, row.missed) for row in uow.passports.of(partner.id)}
    assert rows == {Check.TLS: (1, 0), Check.NETWORK: (0, 1)}


def test_what_the_door_found_replayed_is_held_although_every_check_holds(world):
    partner = world.partner()
    [message] = world.mail(**world.proved(partner), replayed=True)
    world.work()
    held = world.now(message)
    assert (held.state, held.reason) == (MessageState.HELD, "replayed")
    assert held.rule == "eligibility-5"


# -- the passport ----------------------------------------------------------------------------------


def counts(world, partner):
    with world.units.reading() as uow:
        return {row.check: (row.held, row.missed) for row in uow.passports.of(partner.id)}


def test_the_passport_counts_what_held_and_what_was_missed(world, court, people):
    arrived(world, court, signed(people["clerk"].pem))
    arrived(world, court, MAIL)
    arrived(world, court, MAIL, checks=("dmarc",))
    assert counts(world, court) == {Check.TLS: (2, 1), Check.SMIME: (1, 2), Check.DMARC: (1, 0)}
    with world.units.reading() as uow:
        [day] = {row.day for row in uow.passports.of(court.id)}
    assert day == world.calendar.today(START)


def test_mail_that_only_names_the_partner_in_from_counts_for_nobody(world, court):
    arrived(world, court, MAIL, partner=None)
    assert counts(world, court) == {}


def test_a_released_message_counts_once(world, court):
    message = arrived(world, court, MAIL)
    with world.units() as uow:
        uow.messages.save(
            replace(
                message,
                state=MessageState.ACCEPTED,
                released_to=TRIAGE,
                sealed_key=world.sealer.seal_key(
                    world.staff_keys.open_key(message.sealed_key, message.content_id),
                    INTAKE,
                    message.content_id,
                ),
            ),
            MessageState.HELD,
        )
        uow.outbox.add(JobKind.PROCESS_MESSAGE, message.id, world.clock.now())
        uow.commit()
    world.work()
    assert world.now(message).state is MessageState.FILED
    assert counts(world, court) == {Check.TLS: (1, 0), Check.SMIME: (0, 1)}


# -- what rules and staff are told -----------------------------------------------------------------


def test_rules_and_the_trace_are_given_what_the_door_found(world):
    partner = world.partner(require=(Check.DMARC,))
    results = (
        CheckResult(method=Method.DKIM, result=Result.FAIL, reason=Reason.BODY_CHANGED),
        CheckResult(method=Method.DKIM, result=Result.PASS, domain="court.example"),
        CheckResult(method=Method.SPF, result=Result.SOFTFAIL),
    )
    message = arrived(world, partner, MAIL, checks=("dmarc", "tls"), results=results)
    station = [
        (line["fact"], line["op"], line["operand"], line["seen"], line["result"])
        for line in json.loads(message.trace)
        if line["rule"] == STATION
    ]
    assert station == [
        ("tls", "required", None, None, True),
        ("dmarc", "required", None, None, True),
        ("dkim", "found", "body-changed", "fail", False),
        ("dkim", "found", "", "pass", True),
        ("spf", "found", "", "softfail", False),
    ]
    assert "court.example" not in message.trace


def test_evidence_of_before_is_read(world):
    """Messages that were accepted before doors wrote results wait in the outbox of an upgrade."""
    old = (
        b'{"envelope_sender": "a@court.example", "header_from": ["a@court.example"], '
        b'"helo": null, "peer": "192.0.2.1", "tls": true, "tls_version": "TLSv1.3", '
        b'"relayed": false, "checks": ["network", "tls"], "partner": null}'
    )
    assert Evidence.from_json(old).results == ()
