"""Values under a secret that only a browser's cookie (or a link's token) holds."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from secure_mail.domain.ids import ContentId
from secure_mail.domain.sealing import BrowserSecret, ContentKey, Purpose, SealedBytes
from secure_mail.infrastructure.vault.formats import Suite, browser_context
from secure_mail.infrastructure.vault.parts import CobblestoneStream, open_whole


class BrowserSeals:
    """Implements `BrowserVault`: a key is derived per purpose and owner, and forgotten."""

    def wrap_key(self, key: ContentKey, secret: BrowserSecret, content: ContentId) -> SealedBytes:
        return self.seal(key.octets, secret, Purpose.CONTENT_KEY, content)

    def unwrap_key(
        self, wrapped: SealedBytes, secret: BrowserSecret, content: ContentId
    ) -> ContentKey:
        return ContentKey(self.open(wrapped, secret, Purpose.CONTENT_KEY, content))

    def seal(
        self, value: bytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> SealedBytes:
        context = browser_context(purpose, owner)
        stream = CobblestoneStream(_derived(secret, context), context, Suite.BROWSER)
        return SealedBytes(stream.update(value) + stream.finalize())

    def open(
        self, sealed: SealedBytes, secret: BrowserSecret, purpose: Purpose, owner: UUID
    ) -> bytes:
        context = browser_context(purpose, owner)
        return open_whole(_derived(secret, context), context, Suite.BROWSER, sealed)


def _derived(secret: BrowserSecret, context: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(secret.octets)
