"""Sealing and opening. A door is given a `Sealer`, never an `Opener`."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailName
from secure_mail.domain.ids import ContentId, LinkId, Mailbox, PartId
from secure_mail.domain.messages import Channel
from secure_mail.domain.sealing import (
    BrowserSecret,
    ContentKey,
    KeyName,
    Purpose,
    SealedBytes,
    SealedDigest,
    SealedKey,
)


class SealingStream(Protocol):
    """Seals one part as it arrives (Cobblestone-256, context = content id + part)."""

    def update(self, data: bytes) -> SealedBytes:
        """Sealed bytes that are ready; may be empty."""
        ...

    def finalize(self) -> SealedBytes:
        """The last sealed bytes; without them the part does not open."""
        ...


class Sealer(Protocol):
    """Seals to public keys and under content keys; cannot open anything of key pairs."""

    def new_content_key(self) -> ContentKey: ...

    def part_stream(
        self, key: ContentKey, content: ContentId, part: PartId, label: str = ""
    ) -> SealingStream:
        """`label` sets values of one part apart: "" is the part, "label" its label."""
        ...

    def seal_part(
        self, key: ContentKey, content: ContentId, part: PartId, data: bytes, label: str = ""
    ) -> SealedBytes:
        """A whole part at once."""
        ...

    def seal_key(self, key: ContentKey, to: KeyName, content: ContentId) -> SealedKey:
        """HPKE (RFC 9180, ML-KEM-768 + X25519) to a public key whose signature was verified."""
        ...

    def seal_value(self, value: bytes, to: KeyName, purpose: Purpose, owner: UUID) -> SealedBytes:
        """A small personal value, bound to purpose and owner id."""
        ...


class PartOpener(Protocol):
    """Opens parts for whoever already holds the content key."""

    def open_part(
        self,
        key: ContentKey,
        content: ContentId,
        part: PartId,
        sealed: bytes,
        digest: SealedDigest | None,
        label: str = "",
    ) -> bytes:
        """Checks the digest of the sealed bytes (when given), opens, returns whole plaintext only.

        Raises CannotOpenError (an alarm: swapped, cut or foreign ciphertext).
        """
        ...


class Opener(Protocol):
    """Holds private keys of its role. Never handed to a door."""

    def holds(self, holder: KeyName) -> bool: ...

    def open_key(self, sealed: SealedKey, content: ContentId) -> ContentKey:
        """Raises CannotOpenError."""
        ...

    def open_value(
        self, sealed: SealedBytes, holder: KeyName, purpose: Purpose, owner: UUID
    ) -> bytes:
        """Raises CannotOpenError."""
        ...


class BrowserVault(Protocol):
    """Values under a secret that only a cookie (or a token) holds; the server keeps no key."""

    def wrap_key(
        self, key: ContentKey, secret: BrowserSecret, content: ContentId
    ) -> SealedBytes: ...

    def unwrap_key(
        self, wrapped: SealedBytes, secret: BrowserSecret, content: ContentId
    ) -> ContentKey:
        """Raises CannotOpenError."""
        ...

    def seal(
        self, value: bytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> SealedBytes: ...

    def open(
        self, sealed: SealedBytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> bytes:
        """Raises CannotOpenError."""
        ...


class DedupeKey(Protocol):
    """Keyed digest of what arrived; held by doors."""

    def digest(self, channel: Channel, mailbox: Mailbox, scope: str, raw_sha256: bytes) -> bytes:
        """HMAC-SHA-256 over length-prefixed fields, 32 octets."""
        ...

    def network(self, client: str) -> bytes:
        """Keyed hash of the client's network (/24 or /48), for limits."""
        ...


class BlindIndex(Protocol):
    """Looks an address up without storing it; worker and staff only."""

    def of(self, address: EmailAddress) -> bytes:
        """HMAC-SHA-256 of the folded address under the index key, prefixed with its version."""
        ...


class LinkTokens(Protocol):
    """Worker only: the token is a function of the link's id, so a rerun mails the same one."""

    def token(self, link: LinkId) -> str:
        """base64url(HMAC-SHA-256(link key, id)) without padding, 43 characters."""
        ...


class StopCodes(Protocol):
    """Worker only."""

    def code(self, address: EmailAddress) -> str:
        """Eight Crockford symbols by HMAC; stands in the foot of every mail."""
        ...


class OwnMail(Protocol):
    """Recognises our own mail when it comes back."""

    def mark(self, message_id: str) -> str:
        """Value of the `X-Secure-Mail` header for a Message-ID."""
        ...

    def is_ours(self, message_id: str, mark: str) -> bool: ...


class BounceTags(Protocol):
    """Binds the address that a mail bounces to, to that mail; worker and doors."""

    def tag(self, mail: MailName) -> str:
        """48 signs of `a-z2-7` with an HMAC in them; a function of the mail's name."""
        ...

    def mail_of(self, tag: str) -> MailName | None:
        """Whose tag it is, in any case of its letters; None for one that was not made here."""
        ...
