"""Partners and their passports: which checks their mail showed, and what runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import PartnerOrganisation, PartnerState
from secure_mail.domain.passports import Expiry, Passport
from secure_mail.interfaces.web.staff.desk import Desk, Visitor

PARTNERS = "/staff/partners"
_NAV = {"nav": "partners"}


@dataclass(frozen=True, slots=True)
class Partners:
    desk: Desk

    def routes(self) -> list[Route]:
        signed_in = self.desk.signed_in
        return [
            Route(PARTNERS, signed_in(self.list)),
            Route(PARTNERS + "/{partner:uuid}", signed_in(self.show)),
        ]

    async def list(self, request: Request, visitor: Visitor) -> Response:
        found = await self.desk.pool.run(self.desk.app.passports, visitor.who)
        context = {**_NAV, "partners": [self._line(one) for one in found]}
        return self.desk.page(request, "staff/partners.html", context)

    async def show(self, request: Request, visitor: Visitor) -> Response:
        partner = PartnerId(request.path_params["partner"])
        found = await self.desk.pool.run(self.desk.app.passports.one, partner, visitor.who)
        shown: dict[str, object] = {**self._line(found), **self._facts(found.partner)}
        context = {
            **_NAV,
            "back": PARTNERS,
            "partner": shown,
            "checks": [
                {
                    "check": one.check,
                    "required": one.required,
                    "held": one.held,
                    "missed": one.missed,
                    "last_held_at": one.last_held_at,
                    "last_missed_at": one.last_missed_at,
                }
                for one in found.standings
            ],
            "days": [
                {
                    "on": self._noon(day),
                    "counts": [
                        {"check": row.check, "held": row.held, "missed": row.missed} for row in rows
                    ],
                }
                for day, rows in found.days
            ],
            "expires": [self._expiry(one) for one in found.expiries],
        }
        return self.desk.page(request, "staff/partner.html", context)

    def _line(self, found: Passport) -> dict[str, object]:
        partner = found.partner
        held = [one.last_held_at for one in found.standings if one.required]
        whole = [at for at in held if at]
        return {
            "name": partner.name,
            "href": f"{PARTNERS}/{partner.id}",
            "state": self._state(partner),
            "required": [one.check for one in found.standings if one.required],
            "seen_at": min(whole) if len(whole) == len(held) else None,
            "warnings": [self._expiry(one) for one in found.warnings],
        }

    def _facts(self, partner: PartnerOrganisation) -> dict[str, object]:
        return {
            "domains": partner.domains,
            "addresses": partner.addresses,
            "networks": partner.networks,
            "signers": partner.signing_domains,
            "hourly": partner.hourly,
            "since": self._noon(partner.since) if partner.since else None,
            "until": self._noon(partner.until) if partner.until else None,
        }

    def _state(self, partner: PartnerOrganisation) -> str:
        """The last part of a line `partners.state.*`."""
        today = self.desk.app.calendar.today(self.desk.app.clock.now())
        if partner.state is PartnerState.SUSPENDED:
            return "suspended"
        if partner.until is not None and partner.until < today:
            return "ended"
        return "active" if partner.in_force_on(today) else "waiting"

    def _expiry(self, expiry: Expiry) -> dict[str, object]:
        return {
            "what": "certificate" if expiry.fingerprint else "agreement",
            "fingerprint": (expiry.fingerprint or "")[:16],
            "on": self._noon(expiry.on),
            "days": expiry.days,
            "soon": expiry.soon,
            "over": expiry.days < 0,
        }

    def _noon(self, day: date) -> datetime:
        """Of a day as templates write it: they are given instants."""
        return datetime.combine(day, time(12), ZoneInfo(self.desk.book.timezone))
