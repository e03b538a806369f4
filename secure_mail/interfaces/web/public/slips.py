"""Slips of the keyboard in the domain of an address: "gmial.com" is gmail.com."""

from __future__ import annotations

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.mail_providers import LARGE_PROVIDERS

SHORTEST = 8
"""Shorter domains have real neighbours: gmx.de and gmx.dk are both somebody's."""


def suggestion(address: EmailAddress) -> EmailAddress | None:
    """The address with the domain that was probably meant; None when nothing is amiss."""
    if address.domain in LARGE_PROVIDERS:
        return None
    near = sorted(
        domain
        for domain in LARGE_PROVIDERS
        if len(domain) >= SHORTEST and _one_slip(address.domain, domain)
    )
    return EmailAddress(address.local, near[0]) if near else None


def _one_slip(typed: str, meant: str) -> bool:
    """One letter too many, too few, wrong, or two neighbours swapped."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    left, right = typed[start:], meant[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right or left == right[1:] or left[1:] == right[1:]
