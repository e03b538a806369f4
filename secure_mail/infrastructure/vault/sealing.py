"""Sealing to public keys and opening with private ones: HPKE for keys and small personal values."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import (
    CannotOpenError,
    ContentKey,
    KeyName,
    Purpose,
    SealedBytes,
    SealedKey,
)
from secure_mail.infrastructure.vault.formats import Suite, body, header, hpke_info
from secure_mail.infrastructure.vault.key_pairs import HPKE
from secure_mail.infrastructure.vault.parts import CobblestoneStream, part_stream

_VERSION = 2
"""Octets of the key version that follow the header of an HPKE sealing."""


class HpkeSealer:
    """Seals to verified public keys, each in its newest version; holds nothing secret."""

    def __init__(
        self, deployment: UUID, keys: Mapping[KeyName, tuple[int, MLKEM768X25519PublicKey]]
    ) -> None:
        self._deployment = deployment
        self._keys = keys

    def new_content_key(self) -> ContentKey:
        return ContentKey(Cobblestone256Encryptor.generate_key())

    def part_stream(
        self, key: ContentKey, content: ContentId, part: PartId, label: str = ""
    ) -> CobblestoneStream:
        return part_stream(key, content, part, label)

    def seal_part(
        self, key: ContentKey, content: ContentId, part: PartId, data: bytes, label: str = ""
    ) -> SealedBytes:
        stream = part_stream(key, content, part, label)
        return SealedBytes(stream.update(data) + stream.finalize())

    def seal_key(self, key: ContentKey, to: KeyName, content: ContentId) -> SealedKey:
        return SealedKey(to, self.seal_value(key.octets, to, Purpose.CONTENT_KEY, content))

    def seal_value(self, value: bytes, to: KeyName, purpose: Purpose, owner: UUID) -> SealedBytes:
        if to not in self._keys:
            raise LookupError(f"no public key {to}")
        version, public = self._keys[to]
        info = hpke_info(self._deployment, purpose, to, version, owner)
        front = header(Suite.HPKE) + version.to_bytes(_VERSION, "big")
        return SealedBytes(front + HPKE.encrypt(value, public, info))


class HpkeOpener:
    """Opens what was sealed to the key pairs of one role."""

    def __init__(
        self, deployment: UUID, keys: Mapping[tuple[KeyName, int], MLKEM768X25519PrivateKey]
    ) -> None:
        self._deployment = deployment
        self._keys = keys

    def holds(self, holder: KeyName) -> bool:
        return any(name == holder for name, _ in self._keys)

    def open_key(self, sealed: SealedKey, content: ContentId) -> ContentKey:
        octets = self.open_value(sealed.sealed, sealed.holder, Purpose.CONTENT_KEY, content)
        return ContentKey(octets)

    def open_value(
        self, sealed: SealedBytes, holder: KeyName, purpose: Purpose, owner: UUID
    ) -> bytes:
        rest = body(sealed, Suite.HPKE)
        version = int.from_bytes(rest[:_VERSION], "big")
        private = self._keys.get((holder, version))
        if private is None:
            raise CannotOpenError(f"this role holds no key {holder} of version {version}")
        info = hpke_info(self._deployment, purpose, holder, version, owner)
        try:
            return HPKE.decrypt(rest[_VERSION:], private, info)
        except InvalidTag:
            raise CannotOpenError("the sealed octets were altered or are of another") from None
