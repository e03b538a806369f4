"""S/MIME (RFC 8551): whether the outermost entity is signed or encrypted, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Wrapping(StrEnum):
    """What the outermost entity of a message is."""

    NONE = "none"
    SIGNED = "signed"
    ENCRYPTED = "encrypted"


class Signature(StrEnum):
    """How far a signature is one of the certificates it was verified with."""

    VALID = "valid"
    ABSENT = "absent"
    """The outermost entity is not signed; what stands further inside proves nothing."""
    INVALID = "invalid"
    """Of other octets, or of another certificate; several signers count only all together."""
    WEAK = "weak"
    """Made with a digest that others can find twins for (MD5, SHA-1)."""
    UNAVAILABLE = "unavailable"
    """It could not be verified here: the program is missing, or was over its limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    state: Signature
    content: bytes = field(default=b"", repr=False)
    """When valid: the message with the signed entity as its body; nothing unsigned is in it but
    header fields.
    """
    signed_at: datetime | None = None
    """As the signer says, under the signature; the earliest of several signers."""


class SmimeVerifier(Protocol):
    def wrapping(self, raw: bytes) -> Wrapping:
        """Of a message as it came."""
        ...

    def verify(self, raw: bytes, certificates: Sequence[str]) -> Verified:
        """Whether the outermost entity was signed by exactly these certificates (PEM).

        No certificate of the message counts, nor one that these have issued. Validity periods and
        names are the caller's to judge. Never raises.
        """
        ...


class SmimeDecrypter(Protocol):
    def decrypt(self, raw: bytes) -> bytes | None:
        """The message with the decrypted entity as its body; None: it does not open here."""
        ...
