"""Evidence: the door seals it under the content key; what is settled keeps it for the worker."""

from dataclasses import replace

import pytest

from secure_mail.application.sealed_evidence import LABEL, open_kept
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import PartId
from secure_mail.domain.messages import HoldReason, MessageState
from secure_mail.domain.sealing import INTAKE, CannotOpenError, Purpose, SealedBytes
from tests.arrivals import evidence_at_door
from tests.usecase.casework_world import COURT, Casework

CLERK = f"clerk@{COURT.domain}"


@pytest.fixture
def world():
    return Casework()


@pytest.fixture
def message(world):
    [message] = world.mail(envelope_sender=CLERK, **world.proved(world.partner()))
    return message


def closed_to_the_queue(world, message):
    """Whoever opens the content of the settled message opens no evidence with its key."""
    now = world.now(message)
    key = world.staff_keys.open_key(now.sealed_key, now.content_id)
    with pytest.raises(CannotOpenError):
        world.parts.open_part(key, now.content_id, PartId(now.id), now.evidence, None, LABEL)
    with pytest.raises(CannotOpenError):
        open_kept(world.staff_keys, now)
    kept = Evidence.from_json(open_kept(world.worker_keys, now))
    assert kept == evidence_at_door(message, world.worker_keys, world.parts)


def test_before_it_is_settled_only_the_worker_opens_it(world, message):
    assert evidence_at_door(message, world.worker_keys, world.parts).envelope_sender == CLERK
    with pytest.raises(CannotOpenError):
        evidence_at_door(message, world.staff_keys, world.parts)


def test_what_is_filed_keeps_it_for_the_worker_alone(world, message):
    world.work()
    assert world.now(message).state is MessageState.FILED
    closed_to_the_queue(world, message)


def test_what_is_held_too(world):
    partner = world.partner()
    [message] = world.mail(envelope_sender=CLERK, partner=str(partner.id))
    world.work()
    assert world.now(message).state is MessageState.HELD
    closed_to_the_queue(world, message)


def test_what_is_refused_too(world):
    message = world.post(to="perintakeskus")
    world.work()
    assert world.now(message).state is MessageState.REFUSED
    closed_to_the_queue(world, message)


def test_what_could_not_be_processed_too(world, message):
    [claim] = world.claim()
    world.hold(claim)
    assert world.now(message).reason == HoldReason.PROCESSING_FAILED
    closed_to_the_queue(world, message)


def test_evidence_that_does_not_open_is_an_alarm_and_no_reason_to_lose_the_message(world, message):
    changed = replace(message, evidence=SealedBytes(message.evidence[:-1] + b"?"))
    world.store.state.messages[message.id] = changed
    world.work()
    now = world.now(message)
    assert (now.state, now.reason) == (MessageState.HELD, HoldReason.UNREADABLE)
    assert now.sealed_key.holder == INTAKE
    assert world.audited()[-1] == "seal.broken"


def test_it_is_bound_to_its_message(world, message):
    [other] = world.mail(raw=b"From: b@b.example\r\n\r\nOther words.\r\n")
    world.store.state.messages[message.id] = replace(message, evidence=other.evidence)
    world.work()
    assert world.now(message).reason == HoldReason.UNREADABLE


def test_what_an_earlier_release_accepted_still_opens(world, message):
    evidence = evidence_at_door(message, world.worker_keys, world.parts)
    sealed = world.sealer.seal_value(evidence.to_json(), INTAKE, Purpose.EVIDENCE, message.id)
    world.store.state.messages[message.id] = replace(message, evidence=sealed)
    world.work()
    assert world.now(message).state is MessageState.FILED
    assert world.now(message).evidence == sealed
