"""Registering partners: what cannot stand, and that several come in whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_mail.application.partners.add_partner import AddPartner, PartnerFaultError
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.suspend_partner import SuspendPartner
from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.events import AuditKind
from secure_mail.domain.partners import Check, NewPartner, PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.store import FakeStore

COURT = NewPartner(
    name="District Court",
    domains=("court.example",),
    require=(Check.TLS, Check.NETWORK),
    networks=("192.0.2.0/28",),
    exclusive=True,
)
OFFICE = replace(COURT, name="Office", domains=("office.example",))


class World:
    def __init__(self, *, demo: bool = False) -> None:
        clock, ids = FixedClock(), SeededIds()
        self.store = FakeStore(ids=ids, clock=clock)
        units = self.store.units
        self.add = AddPartner(units=units, clock=clock, ids=ids, loopback_is_exclusive=demo)
        self.list = ListPartners(units=units)
        self.suspend = SuspendPartner(units=units, clock=clock, ids=ids)

    @property
    def changes(self) -> list[str]:
        events = self.store.state.audit.values()
        assert {event.kind for event in events} <= {AuditKind.PARTNER_CHANGED}
        return [event.facts["change"] for event in events]


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
        ({"require": (Check.DMARC,)}, "dmarc is not available yet"),
        ({"require": (Check.NETWORK, Check.SMIME)}, "smime is not available yet"),
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
