"""What stands in a registration but cannot hold with these settings, on this machine."""

from __future__ import annotations

from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.infrastructure.sender_auth.suffixes import is_public_suffix
from secure_mail.infrastructure.smime.openssl import openssl_available
from secure_mail.settings import Settings


def partner_warnings(settings: Settings, partner: PartnerOrganisation) -> tuple[str, ...]:
    """Each in a line: what, and what happens to the partner's mail."""
    told = [
        f"under {domain} everybody can register a domain, and would be this partner"
        for domain in partner.domains
        if not partner.addresses and is_public_suffix(domain)
    ]
    if Check.CLIENT_CERTIFICATE in partner.required and not settings.smtp_partner_bind:
        told.append(
            "no listener asks for its certificate, so its mail is refused: set SMTP_PARTNER_BIND"
        )
    if Check.SMIME in partner.required and not openssl_available():
        told.append("openssl is not on this machine; a worker without it holds this partner's mail")
    if Check.NETWORK in partner.required and settings.smtp_trusted_relays:
        told.append("mail that comes by a trusted relay never shows its network, and is held")
    return tuple(told)
