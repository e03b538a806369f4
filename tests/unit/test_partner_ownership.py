"""Whose address it is: one answer at every door and in the worker."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.processing.sender import of_mail, registered
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.messages import Assurance
from secure_mail.domain.partners import Check, PartnerOrganisation, PartnerState

TODAY = date(2026, 11, 24)


def partner(number: int, name: str, *addresses: str) -> PartnerOrganisation:
    return PartnerOrganisation(
        id=PartnerId(UUID(int=number)),
        name=name,
        domains=("court.example",),
        addresses=addresses,
        require=(Check.NETWORK,),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


WHOLE = partner(1, "A court")
UNIT = partner(2, "The bankruptcy unit of the court", "unit@court.example")
BOTH = (WHOLE, UNIT)


def test_who_names_an_address_comes_before_who_names_its_domain() -> None:
    ready = Readiness(BOTH)
    assert ready.partner_of(EmailAddress("unit", "court.example")) == UNIT
    assert ready.partner_of(EmailAddress("other", "court.example")) == WHOLE


def test_what_the_door_proved_the_worker_does_not_give_to_another_partner() -> None:
    """It would hold mail that was proved, for a person to look at."""
    proved = Evidence(
        header_from=("unit@court.example",), checks=("network", "tls"), partner=str(UNIT.id)
    )
    sender = of_mail(proved, BOTH, TODAY)
    assert (sender.partner, sender.assurance) == (UNIT, Assurance.SMTP_PARTNER)


TOWN = replace(WHOLE, id=PartnerId(UUID(int=3)), name="The town", domains=("town.example",))
HOSPITAL = replace(
    TOWN, id=PartnerId(UUID(int=4)), name="Its hospital", domains=("h.town.example",)
)
DOCTOR = EmailAddress("doctor", "h.town.example")


@pytest.mark.parametrize(
    "gone",
    [
        replace(HOSPITAL, state=PartnerState.SUSPENDED),
        replace(HOSPITAL, until=date(2026, 11, 23)),
    ],
    ids=["suspended", "ended"],
)
def test_mail_of_a_suspended_partner_is_not_believed_as_that_of_a_wider_domain(gone) -> None:
    """Its own signature is of the author's domain, so it would prove it."""
    both = (TOWN, gone)
    assert registered(DOCTOR, both, TODAY) is None
    assert registered(EmailAddress("mayor", "town.example"), both, TODAY) == TOWN
    assert Readiness((TOWN,), over=(gone,)).partner_of(DOCTOR) is None


def test_who_is_registered_anew_gets_what_the_suspended_registration_named() -> None:
    gone = replace(HOSPITAL, state=PartnerState.SUSPENDED, addresses=(DOCTOR.folded,))
    anew = replace(HOSPITAL, id=PartnerId(UUID(int=5)), name="Its hospital, anew")
    assert registered(DOCTOR, (TOWN, gone, anew), TODAY) == anew


def test_before_its_agreement_begins_an_address_is_of_the_wider_domain() -> None:
    assert registered(DOCTOR, (TOWN, replace(HOSPITAL, since=date(2026, 12, 1))), TODAY) == TOWN
