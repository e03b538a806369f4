"""Plaintext and ciphertext are different types: what the store takes, only the vault can make."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

SealedBytes = NewType("SealedBytes", bytes)
"""Ciphertext, made by the vault alone. Store ports ask for it: plaintext does not type-check."""
SealedDigest = NewType("SealedDigest", bytes)
"""SHA-256 of sealed bytes, 32 octets; recorded at acceptance and checked at every opening."""
KeyName = NewType("KeyName", str)
"""A key pair of the deployment: `intake`, `worker`, `replies`, `staff` or `queue:NAME`."""

INTAKE = KeyName("intake")
WORKER = KeyName("worker")
REPLIES = KeyName("replies")
STAFF = KeyName("staff")


def queue_key(name: str) -> KeyName:
    """The key pair behind a queue's `key:` in the rules file."""
    return KeyName(f"queue:{name}")


class Purpose(StrEnum):
    """What a sealed value is for; part of the HPKE `info`: none passes for another."""

    CONTENT_KEY = "content-key"
    REGISTRATION = "registration"
    EVIDENCE = "evidence"
    SUMMARY = "summary"
    NOTE = "note"
    REPLY_ADDRESS = "reply-address"
    CODE_REQUEST = "code-request"
    STOP_REQUEST = "stop-request"
    DRAFT_ESCROW = "draft-escrow"
    MASKED_ADDRESS = "masked-address"
    SESSION = "session"
    RECEIPTS = "receipts"
    TOTP = "totp"
    CASE_ANSWERS = "case-answers"


@dataclass(frozen=True, slots=True)
class ContentKey:
    """32 random octets that seal the parts of one `Content`; never prints itself."""

    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrowserSecret:
    """A secret that only a browser's cookie (or a link's token) holds; never stored or printed."""

    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A content key sealed to one key pair; moving a case re-seals this, not the content."""

    holder: KeyName
    sealed: SealedBytes = field(repr=False)


class CannotOpenError(Exception):
    """The sealed bytes are not what was stored, or this process does not hold the key. An alarm."""
