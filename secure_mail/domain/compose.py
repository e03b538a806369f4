"""What a person composes: the steps of the form and the draft that keeps them sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from secure_mail.domain.ids import BlobKey, ContentId, DraftId, LinkId, PartId
from secure_mail.domain.sealing import ContentKey, SealedBytes, SealedDigest
from secure_mail.domain.views import Label

DRAFT_KEPT = timedelta(hours=20)
"""What was typed is kept at least this long (WCAG 2.2.6)."""
MAX_FILES = 25
MAX_TEXT = 20_000
"""Characters of the message."""
MAX_SUBJECT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The answers of all steps; sealed as one value. Empty = not answered."""

    topic: str = ""
    purpose: str = ""
    acts_for: bool | None = None
    name: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)
    letter_reference: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    notify: bool | None = None
    language: str = "en"

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unfinished message. Its content key lies wrapped under the browser's cookie only
    (and sealed to the worker, for the return on another device).
    """

    id: DraftId
    link_id: LinkId
    content_id: ContentId
    wrapped_key: SealedBytes = field(repr=False)
    """Content key under the `draft` cookie's secret."""
    escrow: SealedBytes = field(repr=False)
    """Content key sealed to the worker, purpose DRAFT_ESCROW."""
    composition: SealedBytes | None = field(default=None, repr=False)
    """Part `form_part` of the content: JSON of Composition under the content key."""
    form_part: PartId
    created_at: datetime
    updated_at: datetime
    served_at: datetime
    """When a page of this draft was last served; decides grace."""
    version: int = 0
    sent_message: str | None = None
    """Id, as text, of the message it became: a second send answers the same receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """One attachment of a draft, sealed while it was uploaded."""

    id: PartId
    draft_id: DraftId
    ordinal: int
    size: int
    digest: SealedDigest
    inline: SealedBytes | None = field(repr=False)
    blob: BlobKey | None
    label: SealedBytes = field(repr=False)
    """JSON `{"name", "media_type"}`; becomes the part's label unchanged."""
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReceipt:
    """What the receipt page shows; sealed under the session's cookie until the session ends."""

    reference: str
    received_at: datetime
    mailbox: str
    draft: str = ""
    """Id, as text, of the draft it was: a second send is answered with this receipt."""
    topic: str = ""
    purpose: str = ""
    subject: str = field(default="", repr=False)
    files: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    """Name and octets of each."""
    text_length: int = 0
    notify: bool = False

    def to_value(self) -> dict[str, object]:
        """As JSON takes it."""
        return {**asdict(self), "received_at": self.received_at.isoformat()}

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> Self:
        return cls(
            **{
                **value,
                "received_at": datetime.fromisoformat(value["received_at"]),
                "files": tuple((name, size) for name, size in value["files"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """A draft as its own browser opens it. Lives for one request."""

    draft: Draft
    key: ContentKey
    composition: Composition
    files: tuple[tuple[DraftFile, Label], ...] = field(default=(), repr=False)


class Step(StrEnum):
    """One thing per page, in this order."""

    TOPIC = "topic"
    PURPOSE = "purpose"
    ABOUT = "about"
    MESSAGE = "message"
    FILES = "files"
    CHECK = "check"


def first_gap(composition: Composition, *, asks_purpose: bool, partner: bool) -> Step | None:
    """The first step that is not answered yet; None when only `notify` is left to ask."""
    person = composition.acts_for is not None and composition.name and composition.identity
    gaps = {
        Step.TOPIC: not composition.topic,
        Step.PURPOSE: asks_purpose and not composition.purpose,
        Step.ABOUT: not (composition.name if partner else person),
        Step.MESSAGE: not (composition.subject and composition.text),
    }
    return next((step for step, open_ in gaps.items() if open_), None)
