"""Mails of an imagined partner, and how a door presents them to sender authentication."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

from secure_mail.application.intake.header_tap import HeaderTap, TappedHeaders
from secure_mail.application.intake.signed_body import SignedBody
from secure_mail.application.ports.sender_auth import Presented
from secure_mail.application.ports.vault import Opener, PartOpener
from secure_mail.application.sealed_evidence import LABEL
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import PartId, PartnerId
from secure_mail.domain.messages import Message
from secure_mail.domain.partners import Check, PartnerOrganisation

DOMAIN = "institution.example"
CLERK = EmailAddress("clerk", DOMAIN)
US = "maintenance@kela.fi"
STARTED = datetime.now(UTC)
"""The same for every letter of a run: two that are made alike are alike."""
PARTNER = PartnerOrganisation(
    id=PartnerId(UUID(int=1)),
    name="Institution",
    domains=(DOMAIN,),
    require=(Check.DMARC,),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def letter(
    *,
    author: str = str(CLERK),
    to: str | None = US,
    cc: str | None = None,
    days_old: float = 0,
    body: str = "Words  of the letter. \r\n\r\nMore\twords.\r\n\r\n\r\n",
) -> bytes:
    """Written today, unless `days_old` says otherwise."""
    date = format_datetime(STARTED - timedelta(days=days_old))
    lines = [f"From: Clerk <{author}>"]
    lines += [f"To: {to}"] * (to is not None) + [f"Cc: {cc}"] * (cc is not None)
    lines += ["Subject: Case 7", f"Date: {date}", f"Message-ID: <1@{DOMAIN}>"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def tapped(raw: bytes) -> TappedHeaders:
    """What the gate knows when all has streamed past, here in pieces of 97 octets."""
    tap, body = HeaderTap(), SignedBody()
    for start in range(0, len(raw), 97):
        chunk = raw[start : start + 97]
        begins = tap.feed(chunk)
        body.feed(chunk[begins:])
    headers = tap.result()
    return replace(headers, body=body.result()) if headers.signed else headers


def presented(
    raw: bytes, partner: PartnerOrganisation = PARTNER, client: str | None = None
) -> Presented:
    headers = tapped(raw)
    author = EmailAddress.parse(headers.single_from or str(CLERK))
    return Presented(
        section=headers.section,
        body=headers.body,
        author=author,
        sender=CLERK,
        client=client if partner.allow_spf else None,
        helo="mail.institution.example",
        signers=(author.domain, *partner.signing_domains),
        recipients={US},
        at=datetime.now(UTC),
    )


def evidence_at_door(message: Message, opener: Opener, parts: PartOpener) -> Evidence:
    """What the door took down of a message that nobody has processed yet."""
    key = opener.open_key(message.sealed_key, message.content_id)
    part = PartId(message.id)
    return Evidence.from_json(
        parts.open_part(key, message.content_id, part, message.evidence, None, LABEL)
    )
