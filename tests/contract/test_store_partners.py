"""Partners and their passports."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.partners import Certificate, Check, PartnerState
from secure_mail.domain.passports import CheckDay, counted
from tests.fakes.chance import START
from tests.fakes.store import samples

DAY = date(2026, 11, 24)


def seen(partner, held, **more):
    missed = partner.required - {*held}
    return counted(partner.id, held=held, missed=missed, **more)


def test_a_partner_keeps_its_domains_in_order(store):
    with store.writing() as unit:
        partner = samples.partner(name="B", until=date(2027, 1, 31), addresses=("a@example.org",))
        other = samples.partner(name="A", domains=())
        unit.partners.add(partner)
        unit.partners.add(other)
        assert unit.partners.get(partner.id) == partner
        assert unit.partners.by_name("B") == partner
        assert unit.partners.by_name("C") is None
        assert unit.partners.all() == [other, partner]
        changed = replace(
            partner,
            domains=("example.com", "example.org"),
            require=(Check.DMARC,),
            state=PartnerState.SUSPENDED,
            until=None,
        )
        unit.partners.save(changed)
        assert unit.partners.get(partner.id) == changed
    with store.units() as unit, pytest.raises(ConflictError):
        unit.partners.add(samples.partner(name="A"))


def test_a_partner_keeps_what_it_proves_itself_by(store):
    partner = samples.partner(
        require=(Check.SMIME, Check.DMARC),
        certificates=(Certificate(fingerprint="ab" * 32, pem="pem", not_after=START),),
        signing_domains=("sender.example",),
        allow_spf=True,
        hourly=60,
        since=DAY,
    )
    with store.writing() as unit:
        unit.partners.add(partner)
    with store.units.reading() as unit:
        assert unit.partners.get(partner.id) == partner


@pytest.fixture
def partner(store):
    noun = samples.partner(require=(Check.NETWORK, Check.DMARC))
    with store.writing() as unit:
        unit.partners.add(noun)
    return noun


def test_counts_of_a_day_are_added_up(store, partner):
    later = START + timedelta(hours=1)
    with store.writing() as unit:
        unit.passports.note(seen(partner, [Check.TLS, Check.DMARC], at=START, day=DAY))
        unit.passports.note(seen(partner, [Check.TLS], at=later, day=DAY, times=3))
        unit.passports.note(seen(partner, [Check.TLS], at=START, day=DAY))
        unit.passports.note([])
    with store.units.reading() as unit:
        rows = {row.check: row for row in unit.passports.of(partner.id)}
    assert rows == {
        Check.TLS: CheckDay(
            partner_id=partner.id, day=DAY, check=Check.TLS, held=5, last_held_at=later
        ),
        Check.NETWORK: CheckDay(
            partner_id=partner.id, day=DAY, check=Check.NETWORK, missed=5, last_missed_at=later
        ),
        Check.DMARC: CheckDay(
            partner_id=partner.id,
            day=DAY,
            check=Check.DMARC,
            held=1,
            missed=4,
            last_held_at=START,
            last_missed_at=later,
        ),
    }


def test_days_are_kept_apart_and_old_ones_forgotten(store, partner):
    days = [DAY - timedelta(days=number) for number in (2, 1, 0)]
    with store.writing() as unit:
        for day in days:
            unit.passports.note(seen(partner, [Check.TLS], at=START, day=day))
        assert [row.day for row in unit.passports.of(partner.id)] == sorted(days * 3)
        assert unit.passports.forget(days[1]) == 3
        assert {row.day for row in unit.passports.of(partner.id)} == {*days[1:]}


def test_who_is_not_registered_has_no_passport(store):
    stranger = samples.partner()
    with store.writing() as unit:
        unit.passports.note(seen(stranger, [Check.TLS], at=START, day=DAY))
        assert unit.passports.of(stranger.id) == []


def test_counts_of_several_at_once_are_all_there(store, partner):
    def note(held):
        with store.writing() as unit:
            unit.passports.note(seen(partner, held, at=START, day=DAY))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, [[Check.TLS], [Check.DMARC, Check.NETWORK]] * 10))
    with store.units.reading() as unit:
        assert {(row.held, row.missed) for row in unit.passports.of(partner.id)} == {(10, 10)}
