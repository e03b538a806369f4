"""Partners and their passports as commands show them."""

from __future__ import annotations

from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.passports import CheckDay, Expiry, Passport
from secure_mail.interfaces.cli.output import instant, say, table


def described(partner: PartnerOrganisation) -> dict[str, object]:
    """A partner as listings show it: of its addresses, none."""
    return {
        "id": str(partner.id),
        "name": partner.name,
        "domains": list(partner.domains),
        "require": [Check.TLS.value, *(check.value for check in partner.require)],
        "networks": list(partner.networks),
        "exclusive": partner.exclusive,
        "signing_domains": list(partner.signing_domains),
        "allow_spf": partner.allow_spf,
        "hourly": partner.hourly,
        "certificates": [
            {"fingerprint": one.fingerprint, "until": instant(one.not_after)}
            for one in partner.certificates
        ],
        "since": partner.since.isoformat() if partner.since else None,
        "until": partner.until.isoformat() if partner.until else None,
        "state": partner.state.value,
    }


def passport_of(found: Passport) -> dict[str, object]:
    """The passport as JSON."""
    return {
        "checks": [
            {
                "check": one.check.value,
                "required": one.required,
                "held": one.held,
                "missed": one.missed,
                "last_held_at": instant(one.last_held_at),
                "last_missed_at": instant(one.last_missed_at),
            }
            for one in found.standings
        ],
        "days": [
            {"day": day.isoformat(), "checks": [_counts(row) for row in rows]}
            for day, rows in found.days
        ],
        "expires": [
            {
                "what": _what(one),
                "fingerprint": one.fingerprint,
                "on": one.on.isoformat(),
                "days": one.days,
            }
            for one in found.expiries
        ],
    }


def shown_passport(found: Passport) -> None:
    """The passport for people, under the partner's facts."""
    say("")
    table(
        ("check", "required", "held", "missed", "last held", "last missed"),
        [
            (
                one.check,
                one.required,
                one.held,
                one.missed,
                instant(one.last_held_at),
                instant(one.last_missed_at),
            )
            for one in found.standings
        ],
    )
    if found.days:
        say("")
        table(
            ("day", "held/missed"),
            [
                (day, [f"{row.check} {row.held}/{row.missed}" for row in rows])
                for day, rows in found.days
            ],
        )
    if found.expiries:
        say("")
        table(
            ("runs out", "on", "days", "fingerprint"),
            [(_what(one), one.on, one.days, one.fingerprint) for one in found.expiries],
        )


def _counts(row: CheckDay) -> dict[str, object]:
    return {"check": row.check.value, "held": row.held, "missed": row.missed}


def _what(expiry: Expiry) -> str:
    return "certificate" if expiry.fingerprint else "agreement"
