"""Parts of a content: streamed through Cobblestone-256, opened whole or not at all."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import CannotOpenError, ContentKey, SealedBytes, SealedDigest
from secure_mail.infrastructure.vault.formats import Suite, body, header, part_context


class CobblestoneStream:
    """Seals as octets arrive, in constant memory."""

    def __init__(self, key: bytes, context: bytes, suite: Suite) -> None:
        self._encryptor = Cobblestone256Encryptor(key, context)
        self._pending = header(suite)

    def update(self, data: bytes) -> SealedBytes:
        return self._after_header(self._encryptor.update(data))

    def finalize(self) -> SealedBytes:
        return self._after_header(self._encryptor.finalize())

    def _after_header(self, sealed: bytes) -> SealedBytes:
        first, self._pending = self._pending, b""
        return SealedBytes(first + sealed)


def open_whole(key: bytes, context: bytes, suite: Suite, sealed: bytes) -> bytes:
    """Plaintext after `finalize()` has said that it is whole: the library releases it earlier."""
    try:
        decryptor = Cobblestone256Decryptor(key, context)
        return decryptor.update(body(sealed, suite)) + decryptor.finalize()
    except InvalidTag:
        raise CannotOpenError("the sealed octets were altered, cut or are of another") from None


def part_stream(key: ContentKey, content: ContentId, part: PartId, label: str) -> CobblestoneStream:
    """One part under its content's key."""
    return CobblestoneStream(key.octets, part_context(content, part, label), Suite.PART)


class CobblestoneParts:
    """Opens parts for whoever holds their content's key; has no key of its own."""

    def open_part(
        self,
        key: ContentKey,
        content: ContentId,
        part: PartId,
        sealed: bytes,
        digest: SealedDigest | None,
        label: str = "",
    ) -> bytes:
        if digest is not None and not compare_digest(sha256(sealed).digest(), digest):
            raise CannotOpenError("the sealed octets are not those that were accepted")
        return open_whole(key.octets, part_context(content, part, label), Suite.PART, sealed)
