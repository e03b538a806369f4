"""Whose address it is: one answer at every door and in the worker."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.processing.sender import of_mail
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.messages import Assurance
from secure_mail.domain.partners import Check, PartnerOrganisation

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
