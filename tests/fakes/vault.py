"""A vault of tags instead of ciphers: reversible by anyone, and just as strict about who asks.

What is sealed says, out of sight, what it is bound to; opening compares. Sealed octets never
contain the plain ones, so that tests may look for those in what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from hashlib import sha256
from itertools import count
from typing import Final
from uuid import UUID

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import TAG_OCTETS, MailName, tag_octets, tag_text
from secure_mail.domain.ids import CROCKFORD, ContentId, LinkId, Mailbox, PartId
from secure_mail.domain.messages import Channel
from secure_mail.domain.sealing import (
    BrowserSecret,
    CannotOpenError,
    ContentKey,
    KeyName,
    Purpose,
    SealedBytes,
    SealedDigest,
    SealedKey,
)

_HIDE: Final = bytes(octet ^ 0xA5 for octet in range(256))
_HASH: Final = 32


def _tag(*bound: object) -> bytes:
    return sha256(json.dumps([str(item) for item in bound]).encode()).digest()


def _hidden(tag: bytes, value: bytes) -> SealedBytes:
    return SealedBytes(tag + value.translate(_HIDE) + sha256(tag + value).digest())


def _shown(tag: bytes, sealed: bytes) -> bytes:
    value = sealed[_HASH:-_HASH].translate(_HIDE)
    if sealed[:_HASH] != tag or sealed[-_HASH:] != sha256(tag + value).digest():
        raise CannotOpenError
    return value


class FakeStream:
    def __init__(self, tag: bytes) -> None:
        self._tag = tag
        self._pending = tag
        self._hash = sha256(tag)

    def update(self, data: bytes) -> SealedBytes:
        first, self._pending = self._pending, b""
        self._hash.update(data)
        return SealedBytes(first + data.translate(_HIDE))

    def finalize(self) -> SealedBytes:
        return SealedBytes(self.update(b"") + self._hash.digest())


class FakeSealer:
    """Seals to the key names given, or to any when none are."""

    def __init__(self, keys: Collection[KeyName] = ()) -> None:
        self._keys = keys
        self._counter = count(1)

    def new_content_key(self) -> ContentKey:
        return ContentKey(sha256(f"content key {next(self._counter)}".encode()).digest())

    def part_stream(
        self, key: ContentKey, content: ContentId, part: PartId, label: str = ""
    ) -> FakeStream:
        return FakeStream(_tag("part", key.octets.hex(), content, part, label))

    def seal_part(
        self, key: ContentKey, content: ContentId, part: PartId, data: bytes, label: str = ""
    ) -> SealedBytes:
        stream = self.part_stream(key, content, part, label)
        return SealedBytes(stream.update(data) + stream.finalize())

    def seal_key(self, key: ContentKey, to: KeyName, content: ContentId) -> SealedKey:
        return SealedKey(to, self.seal_value(key.octets, to, Purpose.CONTENT_KEY, content))

    def seal_value(self, value: bytes, to: KeyName, purpose: Purpose, owner: UUID) -> SealedBytes:
        if self._keys and to not in self._keys:
            raise LookupError(f"no public key {to}")
        return _hidden(_tag("value", to, purpose, owner), value)


class FakePartOpener:
    def open_part(
        self,
        key: ContentKey,
        content: ContentId,
        part: PartId,
        sealed: bytes,
        digest: SealedDigest | None,
        label: str = "",
    ) -> bytes:
        if digest is not None and sha256(sealed).digest() != digest:
            raise CannotOpenError
        return _shown(_tag("part", key.octets.hex(), content, part, label), sealed)


class FakeOpener:
    """Opens what was sealed to the names it is given."""

    def __init__(self, *held: KeyName) -> None:
        self._held = held

    def holds(self, holder: KeyName) -> bool:
        return holder in self._held

    def open_key(self, sealed: SealedKey, content: ContentId) -> ContentKey:
        return ContentKey(
            self.open_value(sealed.sealed, sealed.holder, Purpose.CONTENT_KEY, content)
        )

    def open_value(
        self, sealed: SealedBytes, holder: KeyName, purpose: Purpose, owner: UUID
    ) -> bytes:
        if holder not in self._held:
            raise CannotOpenError
        return _shown(_tag("value", holder, purpose, owner), sealed)


class FakeBrowserVault:
    def wrap_key(self, key: ContentKey, secret: BrowserSecret, content: ContentId) -> SealedBytes:
        return self.seal(key.octets, secret, Purpose.CONTENT_KEY, content)

    def unwrap_key(
        self, wrapped: SealedBytes, secret: BrowserSecret, content: ContentId
    ) -> ContentKey:
        return ContentKey(self.open(wrapped, secret, Purpose.CONTENT_KEY, content))

    def seal(
        self, value: bytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> SealedBytes:
        return _hidden(_tag("browser", secret.octets.hex(), purpose, owner), value)

    def open(
        self, sealed: SealedBytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> bytes:
        return _shown(_tag("browser", secret.octets.hex(), purpose, owner), sealed)


class FakeDedupeKey:
    def digest(self, channel: Channel, mailbox: Mailbox, scope: str, raw_sha256: bytes) -> bytes:
        return _tag("arrival", channel, mailbox, scope, raw_sha256.hex())

    def network(self, client: str) -> bytes:
        """IPv4 written with dots is all that use-case tests need: its /24."""
        return _tag("network", client.rpartition(".")[0] or client)


class FakeBlindIndex:
    def of(self, address: EmailAddress) -> bytes:
        return b"\x00\x01" + _tag("index", address.folded)


class FakeLinkTokens:
    def token(self, link: LinkId) -> str:
        return f"token-{link.hex}".ljust(43, "-")


class FakeStopCodes:
    def code(self, address: EmailAddress) -> str:
        return "".join(CROCKFORD[octet % 32] for octet in _tag("stop", address.folded)[:8])


class FakeOwnMail:
    def mark(self, message_id: str) -> str:
        return _tag("own", message_id).hex()

    def is_ours(self, message_id: str, mark: str) -> bool:
        return mark == self.mark(message_id)


class FakeBounceTags:
    def tag(self, mail: MailName) -> str:
        return tag_text((mail.pack() + _tag("bounce", mail))[:TAG_OCTETS])

    def mail_of(self, tag: str) -> MailName | None:
        mail = MailName.unpack((tag_octets(tag.lower()) or b"")[:17])
        return mail if mail and self.tag(mail) == tag.lower() else None
