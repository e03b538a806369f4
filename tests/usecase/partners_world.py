"""The registry of partners on fakes, and certificates of the time in which tests play."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from secure_mail.application.partners.add_partner import AddPartner
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.registering import Registrar
from secure_mail.application.partners.renew_partner import RenewPartner
from secure_mail.application.partners.resume_partner import ResumePartner
from secure_mail.application.partners.suspend_partner import SuspendPartner
from secure_mail.domain.events import AuditKind
from secure_mail.domain.partners import CertificateFile, Check, NewPartner
from secure_mail.infrastructure.rules.business_days import FinnishBusinessDays
from secure_mail.infrastructure.vault.certificates import X509Certificates
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.store import FakeStore
from tests.smime_made import SERVER_ONLY, identity

DAY = timedelta(days=1)
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
        self.clock, ids = FixedClock(), SeededIds()
        self.store = FakeStore(ids=ids, clock=self.clock)
        units = self.store.units
        registrar = Registrar(
            clock=self.clock,
            calendar=FinnishBusinessDays("Europe/Helsinki"),
            certificates=X509Certificates(),
            loopback_is_exclusive=demo,
        )
        changes = {"units": units, "ids": ids, "registrar": registrar}
        self.add, self.renew = AddPartner(**changes), RenewPartner(**changes)
        self.resume = ResumePartner(**changes)
        self.list = ListPartners(units=units)
        self.suspend = SuspendPartner(units=units, clock=self.clock, ids=ids)

    @property
    def only(self):
        (partner,) = self.list()
        return partner

    @property
    def changes(self) -> list[str]:
        events = self.store.state.audit.values()
        assert {event.kind for event in events} <= {AuditKind.PARTNER_CHANGED}
        return [event.facts["change"] for event in events]


def files(*people):
    return tuple(CertificateFile(name=one.file.name, pem=one.file.read_bytes()) for one in people)


def made_people(tmp_path_factory):
    """Certificates of the time in which the tests play."""
    folder = tmp_path_factory.mktemp("people")

    def made(name, **more):
        return identity(folder, name, **{"begins": START - DAY, "ends": START + DAY * 90, **more})

    return {
        "clerk": made("clerk"),
        "next": made("next", ends=START + DAY * 400),
        "stranger": made("stranger", mailbox="clerk@other.example"),
        "nameless": made("nameless", mailbox=None),
        "server": made("server", mailbox=None, uses=SERVER_ONLY),
        "ended": made("ended", ends=START - timedelta(seconds=1)),
        "short": made("short", bits=1024),
    }
