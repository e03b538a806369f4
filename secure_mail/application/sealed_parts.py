"""One way to make and to open a sealed part: small ones lie in a row, larger ones are blobs."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.vault import PartOpener, Sealer
from secure_mail.domain.ids import BlobKey, ContentId, PartId
from secure_mail.domain.messages import INLINE_LIMIT, Part, PartKind
from secure_mail.domain.sealing import ContentKey, SealedBytes, SealedDigest
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePart:
    """Seals octets as a new part of a content. A blob is durable on return. Blocking."""

    ids: Ids
    sealer: Sealer
    blobs: Blobs

    def __call__(
        self,
        key: ContentKey,
        content: ContentId,
        kind: PartKind,
        data: bytes,
        *,
        ordinal: int = 0,
        label: Label | None = None,
    ) -> Part:
        """Raises StorageFullError, BlobsUnavailableError."""
        part = PartId(self.ids.new())
        sealed = self.sealer.seal_part(key, content, part, data)
        inline, blob = self._placed(sealed)
        return Part(
            id=part,
            content_id=content,
            kind=kind,
            ordinal=ordinal,
            size=len(data),
            digest=SealedDigest(sha256(sealed).digest()),
            inline=inline,
            blob=blob,
            label=None
            if label is None
            else self.sealer.seal_part(key, content, part, label.to_json(), "label"),
        )

    def _placed(self, sealed: SealedBytes) -> tuple[SealedBytes | None, BlobKey | None]:
        if len(sealed) <= INLINE_LIMIT:
            return sealed, None
        writer = self.blobs.writer()
        try:
            writer.write(sealed)
            return None, writer.commit()
        except BaseException:
            writer.abort()
            raise


def part_octets(parts: PartOpener, blobs: Blobs, key: ContentKey, part: Part) -> bytes:
    """The plaintext of a part, its digest checked first.

    Raises CannotOpenError, BlobMissingError (alarms), BlobsUnavailableError.
    """
    sealed = part.inline if part.blob is None else blobs.read(part.blob)
    return parts.open_part(key, part.content_id, part.id, sealed or b"", part.digest)


def part_label(parts: PartOpener, key: ContentKey, part: Part, sealed: bytes) -> Label:
    """Name and type of a part. Raises CannotOpenError."""
    opened = parts.open_part(key, part.content_id, part.id, sealed, None, "label")
    return Label.from_json(opened)
