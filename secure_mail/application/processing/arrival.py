"""First station: what was accepted is opened, in memory, for the stations that follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.vault import Opener, PartOpener
from secure_mail.application.sealed_evidence import TakeEvidence
from secure_mail.application.sealed_parts import part_label, part_octets
from secure_mail.domain.compose import Composition
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.messages import Message, Part, PartKind
from secure_mail.domain.sealing import ContentKey
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An opened message: either raw octets (mail) or what was typed (form)."""

    message: Message
    """As it was accepted, but its evidence sealed for the worker alone."""
    key: ContentKey
    evidence: Evidence = field(repr=False)
    raw: bytes = field(default=b"", repr=False)
    composition: Composition | None = field(default=None, repr=False)
    files: tuple[tuple[Part, Label], ...] = field(default=(), repr=False)
    """Attachments that the form sealed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenArrival:
    """Opens what the gate sealed; every part's digest is checked first."""

    opener: Opener
    parts: PartOpener
    blobs: Blobs
    take_evidence: TakeEvidence

    def __call__(self, message: Message, parts: tuple[Part, ...]) -> Arrival:
        """Raises CannotOpenError, BlobMissingError: alarms."""
        key = self.opener.open_key(message.sealed_key, message.content_id)
        evidence, kept = self.take_evidence(message, key)
        raw, composition = b"", None
        files: list[tuple[Part, Label]] = []
        for part in parts:
            match part.kind:
                case PartKind.RAW:
                    raw = self.octets(key, part)
                case PartKind.FORM:
                    composition = Composition.from_json(self.octets(key, part))
                case PartKind.FILE if part.label is not None:
                    files.append((part, part_label(self.parts, key, part, part.label)))
                case PartKind.FILE | PartKind.VIEW:
                    pass
        return Arrival(
            message=replace(message, evidence=kept),
            key=key,
            evidence=Evidence.from_json(evidence),
            raw=raw,
            composition=composition,
            files=tuple(files) if composition is not None else (),
        )

    def octets(self, key: ContentKey, part: Part) -> bytes:
        """The plaintext of a part."""
        return part_octets(self.parts, self.blobs, key, part)
