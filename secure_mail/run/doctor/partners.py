"""Partner organisations: what ends soon, and what is required but cannot be checked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta

from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.domain.examination import Finding, Found
from secure_mail.domain.partners import Check, PartnerOrganisation, PartnerState
from secure_mail.run.doctor.patient import Patient

found = Found("partners")
SOON = timedelta(days=30)


def examine(patient: Patient) -> Iterator[Finding]:
    """Raises StoreDownError."""
    today = patient.parts.calendar.today(patient.now)
    active = [
        partner
        for partner in ListPartners(units=patient.parts.units)()
        if partner.state is PartnerState.ACTIVE
    ]
    for partner in active:
        faults = [*_agreement(partner, today), *_certificates(partner, patient)]
        yield from faults or [found.ok(partner.name, "nothing ends within 30 days")]
    yield from _tools(patient, active)
    if not active:
        yield found.ok("partners", "none is registered")


def _agreement(partner: PartnerOrganisation, today: date) -> Iterator[Finding]:
    if partner.until is None or partner.until > today + SOON:
        return
    if partner.until < today:
        what = f"the agreement ended on {partner.until}: its mail is refused"
    else:
        what = f"the agreement ends on {partner.until}"
    yield found.warn(partner.name, what, "Renew it, or suspend the partner")


def _certificates(partner: PartnerOrganisation, patient: Patient) -> Iterator[Finding]:
    needed = {Check.CLIENT_CERTIFICATE, Check.SMIME} & set(partner.require)
    ends = [certificate.not_after for certificate in partner.certificates]
    if not needed or not ends:
        if needed:
            yield found.fail(
                partner.name,
                f"requires {', '.join(sorted(needed))} and has no certificate",
                "Register its certificate",
            )
        return
    last = max(ends)
    if last <= patient.now:
        yield found.fail(
            partner.name,
            f"its last certificate ended on {last:%Y-%m-%d}: nothing of it can be proved",
            "Ask for a new one and register it",
        )
    elif last <= patient.now + SOON:
        yield found.warn(
            partner.name, f"its last certificate ends on {last:%Y-%m-%d}", "Ask for a new one"
        )


def _tools(patient: Patient, partners: list[PartnerOrganisation]) -> Iterator[Finding]:
    required = {check for partner in partners for check in partner.require}
    if Check.SMIME in required:
        if shutil.which("openssl"):
            yield found.ok("S/MIME", "openssl is installed")
        else:
            yield found.fail(
                "S/MIME", "is required of a partner, and openssl is missing", "Install openssl"
            )
    if Check.CLIENT_CERTIFICATE in required and not patient.settings.smtp_partner_bind:
        yield found.fail(
            "client certificates",
            "are required of a partner, and no door asks for one",
            "Set SECURE_MAIL_SMTP_PARTNER_BIND",
        )
