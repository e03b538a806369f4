"""Registering partners: what cannot stand, and that several come in whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from secure_mail.application.partners.registering import PartnerFaultError
from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.partners import Check, PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.fakes.chance import START
from tests.usecase.partners_world import COURT, OFFICE, World, files, made_people


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return made_people(tmp_path_factory)


@pytest.fixture
def world():
    return World()


def test_a_registration_is_stored_with_its_audit_event(world):
    partner = world.add(COURT, "operator")
    assert list(world.list()) == [partner]
    assert partner.require == (Check.NETWORK,), "tls is implied"
    assert partner.state is PartnerState.ACTIVE
    assert partner.created_at == START
    (event,) = world.store.state.audit.values()
    assert (event.actor, event.subject) == ("operator", str(partner.id))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"domains": ()}, "--domain"),
        ({"require": (Check.TLS,)}, "at least one check besides tls"),
        ({"require": (Check.CLIENT_CERTIFICATE,)}, "client_certificate needs --certificate"),
        ({"require": (Check.NETWORK, Check.SMIME)}, "smime needs --certificate"),
        ({"signing_domains": ("sender.example",)}, "belong to the check dmarc"),
        ({"allow_spf": True}, "belong to the check dmarc"),
        ({"domains": ("gmail.com",)}, "gmail.com gives addresses to everybody"),
        ({"until": date(2026, 3, 1)}, "ended on 2026-03-01"),
        ({"since": date(2027, 1, 2), "until": date(2027, 1, 1)}, "--until is before --since"),
        ({"networks": ("0.0.0.0/0",), "require": (Check.NETWORK, Check.DMARC)}, "everybody's"),
        ({"addresses": (EmailAddress("a", "other.example"),)}, "--address"),
        ({"networks": ()}, "--network CIDR"),
        ({"exclusive": False}, "--exclusive"),
        ({"networks": ("192.0.2.0/24",)}, "192.0.2.0/24 is too wide"),
        ({"networks": ("2001:db8::/48",)}, "2001:db8::/48 is too wide"),
        ({"networks": ("127.0.0.0/8",)}, "127.0.0.0/8 is too wide"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_stored(world, changed, said):
    with pytest.raises(PartnerFaultError, match=said):
        world.add(replace(COURT, **changed), "operator")
    assert not world.list()
    assert world.changes == []


@pytest.mark.parametrize(
    "changed",
    [
        {"require": (Check.DMARC,), "networks": (), "exclusive": False},
        {"require": (Check.DMARC,), "signing_domains": ("Sender.example",), "allow_spf": True},
        {"require": (Check.NETWORK, Check.DMARC), "exclusive": False},
        {"require": (Check.NETWORK, Check.DMARC), "networks": ("10.0.0.0/8",)},
        {"domains": ("gmail.com",), "addresses": (EmailAddress("court", "gmail.com"),)},
        {"since": date(2027, 1, 1), "until": date(2027, 1, 1), "hourly": 10},
        {"until": date(2026, 3, 2)},
    ],
)
def test_what_can_stand(world, changed):
    assert world.add(replace(COURT, **changed), "operator") == world.only


@pytest.mark.parametrize("network", ["192.0.2.0/25", "2001:db8::/49"])
def test_the_widest_network_that_proves_alone(world, network):
    assert world.add(replace(COURT, networks=(network,)), "operator").networks == (network,)


def test_in_the_demo_loopback_of_any_width_is_exclusive():
    world = World(demo=True)
    assert world.add(replace(COURT, networks=("127.0.0.0/8",)), "operator")
    with pytest.raises(PartnerFaultError, match="too wide"):
        world.add(replace(OFFICE, networks=("10.0.0.0/8",)), "operator")


def test_several_come_in_together(world):
    world.add.together((OFFICE, COURT), "operator")
    assert [partner.name for partner in world.list()] == ["District Court", "Office"]
    assert world.changes == ["added", "added"]


@pytest.mark.parametrize("second", [replace(OFFICE, exclusive=False), COURT])
def test_of_several_with_a_fault_none_comes_in(world, second):
    with pytest.raises((PartnerFaultError, ConflictError)) as fault:
        world.add.together((COURT, second), "operator")
    assert not world.list()
    if second is not COURT:
        assert str(fault.value).startswith("Office: ")


def test_a_name_is_given_once(world):
    world.add(COURT, "operator")
    with pytest.raises(ConflictError):
        world.add(COURT, "operator")


def test_a_suspended_partner_stays_in_the_registry(world):
    world.add(COURT, "operator")
    world.suspend(COURT.name, "operator")
    (partner,) = world.list()
    assert partner.state is PartnerState.SUSPENDED
    assert world.changes == ["added", "suspended"]


def test_who_is_not_registered_cannot_be_suspended(world):
    with pytest.raises(Refusal) as refusal:
        world.suspend("Nobody", "operator")
    assert refusal.value.code is RefusalCode.NOT_FOUND


# -- beside others ---------------------------------------------------------------------------------


ONE = EmailAddress("one", "court.example")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"domains": ("court.example", "x.example")}, "the domain court.example is of the partner"),
        ({"domains": ("office.example",)}, None),
        ({"domains": ("unit.court.example",)}, None),
        ({"addresses": (ONE,), "domains": ("court.example",)}, None),
    ],
)
def test_a_domain_is_owned_by_one_partner(world, changed, said):
    world.add(COURT, "operator")
    new = replace(OFFICE, **changed)
    if said is None:
        assert world.add(new, "operator")
        return
    with pytest.raises(PartnerFaultError, match=said):
        world.add(new, "operator")
    with pytest.raises(PartnerFaultError, match=f"Office: {said}"):
        world.add.together((new, replace(OFFICE, name="Third")), "operator")


def test_an_address_and_a_certificate_are_owned_by_one_partner(world, people):
    whole = replace(COURT, addresses=(ONE,), certificates=files(people["clerk"]))
    world.add(whole, "operator")
    with pytest.raises(PartnerFaultError, match="an --address is of the partner 'District Court'"):
        world.add(replace(OFFICE, domains=COURT.domains, addresses=(ONE,)), "operator")
    with pytest.raises(PartnerFaultError, match="a certificate is of the partner"):
        world.add(replace(OFFICE, certificates=files(people["clerk"])), "operator")


def test_who_is_suspended_or_ended_owns_nothing(world):
    world.add(replace(COURT, until=date(2026, 3, 31)), "operator")
    world.suspend(COURT.name, "operator")
    world.add(replace(COURT, name="New court"), "operator")
    with pytest.raises(PartnerFaultError, match="of the partner 'New court' already"):
        world.resume(COURT.name, "operator")
    world.suspend("New court", "operator")
    world.resume(COURT.name, "operator")
    world.clock.advance(timedelta(days=31))
    world.resume("New court", "operator")
