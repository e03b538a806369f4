"""Bounces: the address that a mail of ours comes back to, and what its report says.

The envelope sender of each mail is an address of its own (VERP): `bounces+TAG@domain`. The tag
names the mail and is bound to it by a key (`ports/vault.py`, BounceTags), so a bounce proves which
mail it is about by its recipient alone; what stands in its text is nobody's proof.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from secure_mail.domain.addresses import EmailAddress

PREFIX = "bounces+"
TAG_OCTETS = 30
"""One for the kind, 16 for the id, 13 of the HMAC: 48 signs, and a local part of 56 octets."""
_TAG = "[a-z2-7]{48}"
_TAGGED = re.compile(f"{_TAG}\\Z")


class MailKind(StrEnum):
    """Every mail that goes out; the value is the name of its template."""

    LINK = "link"
    CODE = "code"
    RECEIPT = "receipt"
    RECEIPT_HELD = "receipt-held"
    NOTICE = "notice"
    REFUSAL = "refusal"


_LETTERS = {
    MailKind.LINK: b"l",
    MailKind.CODE: b"c",
    MailKind.RECEIPT: b"r",
    MailKind.RECEIPT_HELD: b"h",
    MailKind.NOTICE: b"n",
    MailKind.REFUSAL: b"f",
}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class MailName:
    """Names one mail: as text it is the local part of its Message-ID, the same at every try."""

    kind: MailKind
    about: UUID
    """Id of the registration, code, message or reply that it is about."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        kind, about = text[:-37], text[-36:]
        name = cls(MailKind(kind), UUID(about))
        if str(name) != text:
            raise ValueError("not the name of a mail")
        return name

    @classmethod
    def unpack(cls, octets: bytes) -> Self | None:
        kind = _KINDS.get(octets[:1])
        return cls(kind, UUID(bytes=octets[1:])) if kind and len(octets) == 17 else None

    def pack(self) -> bytes:
        """17 octets."""
        return _LETTERS[self.kind] + self.about.bytes

    def __str__(self) -> str:
        return f"{self.kind}-{self.about}"


class Undelivered(StrEnum):
    """Why a mail did not reach its reader."""

    BOUNCED = "bounced"
    """A mail server reported it after it had taken the mail."""
    REFUSED = "mail-refused"
    """The relay said no for good."""
    GIVEN_UP = "given-up"
    """It was tried for as long as it was of use."""


class Delivery(StrEnum):
    """What a message reports about a mail of ours (RFC 3464)."""

    NONE = "none"
    """It is no report."""
    FAILED = "failed"
    """Not delivered, and not tried any more."""
    DELAYED = "delayed"
    DELIVERED = "delivered"
    """Delivered, relayed or expanded."""
    UNCLEAR = "unclear"
    """A report that says none of this: a person reads it."""


def tag_text(octets: bytes) -> str:
    """Base32 (RFC 4648) in small letters: servers on the way may change a local part's case."""
    return b32encode(octets).decode("ascii").lower()


def tag_octets(tag: str) -> bytes | None:
    """None for what cannot be a tag."""
    return b32decode(tag.upper()) if _TAGGED.match(tag) else None


def bounce_address(tag: str, domain: str) -> EmailAddress:
    """The envelope sender of a mail."""
    return EmailAddress(f"{PREFIX}{tag}", domain)


def tag_in(recipient: EmailAddress) -> str | None:
    """The tag of an address that has one, valid or not; None for any other address."""
    local = recipient.local.lower()
    return local.removeprefix(PREFIX) if local.startswith(PREFIX) else None


def bounce_pattern(domain: str) -> str:
    """A regular expression of all bounce addresses, for the recipient map of a relay in front.

    Only the program can tell which of them are its own: the relay lets them through, by the null
    sender alone where it can.
    """
    return rf"^{re.escape(PREFIX)}{_TAG}@{re.escape(domain)}$"
