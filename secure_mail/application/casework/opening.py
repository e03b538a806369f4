"""Opens what staff may read: summaries, messages with their files, notes and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.vault import Opener, PartOpener
from secure_mail.application.sealed_parts import part_label, part_octets
from secure_mail.domain.cases import CaseEvent, CaseSummary, Reply, SealedSummary
from secure_mail.domain.ids import CaseId
from secure_mail.domain.messages import Message, Part, PartKind
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.sealing import ContentKey, KeyName, Purpose
from secure_mail.domain.views import Label, View


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """An attachment as the page lists it."""

    part: Part
    label: Label
    verdict: ScanVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMessage:
    message: Message
    view: View | None = field(repr=False)
    """None: never derived (held unprocessed), or it does not open here."""
    files: tuple[OpenFile, ...] = field(default=(), repr=False)
    original: Part | None = None
    """The octets of a mail as they came."""

    @property
    def original_verdict(self) -> ScanVerdict:
        """As bad as the worst file that it holds; itself never scanned."""
        infected = any(file.verdict is ScanVerdict.INFECTED for file in self.files)
        return ScanVerdict.INFECTED if infected else ScanVerdict.UNSCANNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The staff process's private keys at work. Every method raises CannotOpenError: an alarm."""

    opener: Opener
    parts: PartOpener
    blobs: Blobs

    def summaries(self, sealed: Mapping[CaseId, SealedSummary]) -> dict[CaseId, CaseSummary]:
        """Those that this process holds the key of."""
        return {
            case: CaseSummary.from_json(
                self.opener.open_value(one.sealed, one.holder, Purpose.SUMMARY, case)
            )
            for case, one in sealed.items()
            if self.opener.holds(one.holder)
        }

    def message(self, message: Message, parts: Sequence[Part]) -> OpenMessage:
        key = self.opener.open_key(message.sealed_key, message.content_id)
        view = self._view(key, parts)
        verdicts = view.verdicts if view else {}
        return OpenMessage(
            message=message,
            view=view,
            files=tuple(
                OpenFile(
                    part=part,
                    label=part_label(self.parts, key, part, part.label),
                    verdict=ScanVerdict(verdicts.get(str(part.id), ScanVerdict.UNSCANNED)),
                )
                for part in parts
                if part.kind is PartKind.FILE and part.label is not None
            ),
            original=next((part for part in parts if part.kind is PartKind.RAW), None),
        )

    def answer(self, reply: Reply, parts: Sequence[Part]) -> View:
        """The text of a reply."""
        key = self.opener.open_key(reply.for_staff, reply.content_id)
        return self._view(key, parts) or View()

    def note(self, event: CaseEvent) -> str:
        """The text of an internal note, empty for any other event."""
        if event.note is None or event.holder is None:
            return ""
        opened = self.opener.open_value(event.note, event.holder, Purpose.NOTE, event.id)
        return opened.decode()

    def holds(self, holder: KeyName) -> bool:
        """Whether this process has the private key: what is for the worker stays closed here."""
        return self.opener.holds(holder)

    def octets(self, message: Message, part: Part) -> bytes:
        """One part in plaintext, whole and verified."""
        return self._octets(self.opener.open_key(message.sealed_key, message.content_id), part)

    def label(self, message: Message, part: Part) -> Label:
        key = self.opener.open_key(message.sealed_key, message.content_id)
        if part.label is None:
            return Label(name=f"{message.reference}.eml", media_type="message/rfc822")
        return part_label(self.parts, key, part, part.label)

    def _view(self, key: ContentKey, parts: Sequence[Part]) -> View | None:
        view = next((part for part in parts if part.kind is PartKind.VIEW), None)
        return View.from_json(self._octets(key, view)) if view else None

    def _octets(self, key: ContentKey, part: Part) -> bytes:
        return part_octets(self.parts, self.blobs, key, part)
