"""What a door saw of a message: under the content key on its way in, then the worker's alone."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.vault import Opener, PartOpener, Sealer
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import ContentId, MessageId, PartId
from secure_mail.domain.messages import Message
from secure_mail.domain.sealing import (
    INTAKE,
    CannotOpenError,
    ContentKey,
    Purpose,
    SealedBytes,
)

LABEL = "evidence"


def seal_evidence(
    sealer: Sealer, key: ContentKey, content: ContentId, message: MessageId, evidence: Evidence
) -> SealedBytes:
    """At the door, bound to content and message: without a second sealing to a public key."""
    return sealer.seal_part(key, content, PartId(message), evidence.to_json(), LABEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEvidence:
    """Opens the evidence and seals it to the intake key: the content key will be a queue's."""

    opener: Opener
    parts: PartOpener
    sealer: Sealer

    def __call__(self, message: Message, key: ContentKey) -> tuple[bytes, SealedBytes]:
        """The JSON of it, and what the settled message keeps. Raises CannotOpenError: an alarm."""
        part = PartId(message.id)
        try:
            facts = self.parts.open_part(
                key, message.content_id, part, message.evidence, None, LABEL
            )
        except CannotOpenError:
            # Settled once and released since, or of a release whose doors sealed it so.
            return open_kept(self.opener, message), message.evidence
        return facts, self.sealer.seal_value(facts, INTAKE, Purpose.EVIDENCE, message.id)


def open_kept(opener: Opener, message: Message) -> bytes:
    """The JSON of a settled message's evidence. Raises CannotOpenError."""
    return opener.open_value(message.evidence, INTAKE, Purpose.EVIDENCE, message.id)
