"""Reading a message: bytes in, a small value out; never an exception, never a dropped byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from secure_mail.domain.bounces import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str = field(repr=False)
    """Normalised: no path, no control or bidi signs; may be empty."""
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """What the parser made of it."""

    subject: str = field(default="", repr=False)
    from_addresses: tuple[str, ...] = field(default=(), repr=False)
    """Every address of every From header, in order, as written."""
    to: str = field(default="", repr=False)
    date: str = field(default="", repr=False)
    message_id: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    """Plain text (from HTML when there is no plain part)."""
    html: str = field(default="", repr=False)
    language: str = ""
    """fi, sv, en or empty: from Content-Language or a vote of stop words."""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Lower-case name to decoded values, for the stages guard and route."""
    auto_kind: str = "none"
    """none, auto_replied, auto_generated, list, bounce, own (RFC 3834, RFC 3464)."""
    delivery: Delivery = Delivery.NONE
    """What a bounce reports of the mail that it is about."""
    readable: str = "yes"
    """yes, locked (password, S/MIME, PGP), remote (only a link to another secure mail service)."""
    defects: tuple[str, ...] = ()


class UnreadableError(Exception):
    """Over the limits of the precheck: held with its raw bytes. Carries a defect code."""


class MimeParser(Protocol):
    def parse(self, raw: bytes) -> ParsedMail:
        """Raises UnreadableError only."""
        ...
