"""Certificates of partners: which can stand, and how what runs out is renewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from secure_mail.application.partners.registering import PartnerFaultError
from secure_mail.domain.partners import CertificateFile, Check, PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.usecase.partners_world import COURT, World, files, made_people


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return made_people(tmp_path_factory)


@pytest.fixture
def world():
    return World()


# -- certificates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [Check.SMIME, Check.CLIENT_CERTIFICATE])
def test_certificates_are_registered_each_once(world, people, check):
    twice = files(people["clerk"], people["next"], people["clerk"])
    partner = world.add(replace(COURT, require=(check,), certificates=twice), "operator")
    assert [one.fingerprint for one in partner.certificates] == [
        people["clerk"].fingerprint,
        people["next"].fingerprint,
    ]
    assert partner.certificates[0].pem == people["clerk"].pem


@pytest.mark.parametrize(
    ("who", "check", "said"),
    [
        ("ended", Check.SMIME, "ended on 2026-03-0"),
        ("short", Check.SMIME, "a key of 1024 bits: 2048 are needed"),
        ("stranger", Check.SMIME, "names .rfc822Name. an address of the partner"),
        ("nameless", Check.SMIME, "names .rfc822Name. an address of the partner"),
        ("server", Check.CLIENT_CERTIFICATE, "of a TLS client"),
    ],
)
def test_a_certificate_that_can_prove_nothing_is_refused(world, people, who, check, said):
    with pytest.raises(PartnerFaultError, match=said):
        world.add(replace(COURT, require=(check,), certificates=files(people[who])), "operator")
    assert not world.list()


def test_files_that_hold_no_single_certificate_are_refused(world, people):
    clerk, other = people["clerk"], people["next"]
    for octets, said in {
        b"": "x.pem is no certificate",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "is no certificate",
        clerk.file.read_bytes() + other.file.read_bytes(): "holds several certificates",
        clerk.file.read_bytes() + clerk.key_file.read_bytes(): "holds a private key",
    }.items():
        wrong = (CertificateFile(name="x.pem", pem=octets),)
        with pytest.raises(PartnerFaultError, match=said):
            world.add(replace(COURT, certificates=wrong), "operator")


# -- renewing, resuming ----------------------------------------------------------------------------


def test_a_new_certificate_comes_beside_the_old_one_until_that_ends(world, people):
    new = replace(COURT, require=(Check.SMIME,), certificates=files(people["clerk"]))
    world.add(new, "operator")
    world.renew(COURT.name, "operator", certificates=files(people["next"]))
    assert world.only.pins(people["clerk"].fingerprint)
    assert world.only.pins(people["next"].fingerprint)
    world.clock.advance(timedelta(days=91))
    world.renew(COURT.name, "operator", until=date(2027, 12, 31))
    assert [one.fingerprint for one in world.only.certificates] == [people["next"].fingerprint]
    assert world.only.until == date(2027, 12, 31)
    assert world.changes == ["added", "renewed", "renewed"]


def test_a_certificate_is_dropped_at_once_unless_nothing_would_be_left(world, people):
    pair = files(people["clerk"], people["next"])
    world.add(replace(COURT, require=(Check.SMIME,), certificates=pair), "operator")
    with pytest.raises(PartnerFaultError, match="no certificate with that fingerprint"):
        world.renew(COURT.name, "operator", drop=["ab"])
    world.renew(COURT.name, "operator", drop=[people["clerk"].fingerprint])
    assert not world.only.pins(people["clerk"].fingerprint)
    with pytest.raises(PartnerFaultError, match="smime needs --certificate"):
        world.renew(COURT.name, "operator", drop=[people["next"].fingerprint])
    assert world.only.pins(people["next"].fingerprint)


def test_a_partner_is_suspended_and_resumed_once(world):
    world.add(COURT, "operator")
    for act in (world.resume, world.suspend, world.suspend, world.resume):
        act(COURT.name, "operator")
    assert world.only.state is PartnerState.ACTIVE
    assert world.changes == ["added", "suspended", "resumed"]


def test_who_is_not_registered_is_neither_resumed_nor_renewed(world):
    for act in (world.resume, world.renew):
        with pytest.raises(Refusal) as refusal:
            act("Nobody", "operator")
        assert refusal.value.code is RefusalCode.NOT_FOUND
