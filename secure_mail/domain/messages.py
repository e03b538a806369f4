"""What arrives: the envelope, the sealed content, and the message in each of its states."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import (
    BlobKey,
    CaseId,
    ContentId,
    LinkId,
    Mailbox,
    MessageId,
    PartId,
    PartnerId,
    QueueName,
    Reference,
)
from secure_mail.domain.sealing import SealedBytes, SealedDigest, SealedKey

INLINE_LIMIT = 64 * 1024
"""Octets of sealed content that live in a row; larger content is a blob (intake.md)."""


ANSWER_UNASKED_EACH = timedelta(hours=1)
"""An address gets at most one answer in this time that it did not ask for."""


class Channel(StrEnum):
    FORM = "form"
    SMTP = "smtp"
    IMAP = "imap"
    IMPORT = "import"


class MessageState(StrEnum):
    """`processing` is not stored: it is `accepted` with a claimed outbox row."""

    ACCEPTED = "accepted"
    FILED = "filed"
    HELD = "held"
    REFUSED = "refused"


class Assurance(StrEnum):
    """How far the sender can be trusted; shown to staff as a sentence with a consequence."""

    SMTP_UNVERIFIED = "smtp-unverified"
    SMTP_PARTNER = "smtp-partner"
    LINK_CONFIRMED = "link-confirmed"
    POSTAL_PIN = "postal-pin"


class HoldReason(StrEnum):
    """Why a person must decide; words in the catalogue under `h.*`."""

    NOT_ELIGIBLE = "not-eligible"
    NOT_PROVED = "not-proved"
    INFECTED = "infected"
    UNSCANNED = "unscanned"
    TOO_LARGE = "too-large"
    LOCKED = "locked"
    REPLAYED = "replayed"
    UNREADABLE = "unreadable"
    PROCESSING_FAILED = "processing-failed"
    LOOP = "loop"


class PartKind(StrEnum):
    RAW = "raw"
    """The message as received (SMTP, IMAP, import)."""
    FORM = "form"
    """What was typed into the form: JSON of `compose.Composition`."""
    VIEW = "view"
    """What staff read, derived by the worker: JSON of `views.View`."""
    FILE = "file"
    """One attachment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sealed piece of a content. Exactly one of `inline` and `blob` is set."""

    id: PartId
    content_id: ContentId
    kind: PartKind
    ordinal: int
    size: int
    """Octets of plaintext."""
    digest: SealedDigest
    inline: SealedBytes | None = field(repr=False)
    blob: BlobKey | None
    label: SealedBytes | None = field(repr=False)
    """JSON of `views.Label`, sealed under the content key; None for raw, form and view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is known before the first octet. Content is not here."""

    channel: Channel
    mailboxes: tuple[Mailbox, ...]
    sender: EmailAddress | None = field(repr=False)
    """Envelope sender; None for the null sender and for the form (the worker knows the link's)."""
    scope: str = field(repr=False)
    """Sender scope of duplicates: envelope sender and peer network, proved partner, or account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a door may tell after the commit: one per mailbox of the envelope."""

    message_id: MessageId
    reference: Reference
    mailbox: Mailbox
    received_at: datetime
    duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One acceptance for one mailbox. States: accepted -> filed | held | refused."""

    id: MessageId
    content_id: ContentId
    channel: Channel
    mailbox: Mailbox
    state: MessageState
    reference: Reference
    received_at: datetime
    sealed_key: SealedKey
    evidence: SealedBytes = field(repr=False)
    """JSON of `evidence.Evidence`, bound to this id: under the content key until it is settled,
    then sealed to the intake key under purpose EVIDENCE.
    """
    link_id: LinkId | None = None
    grace: bool = False
    """Sent in the 60 minutes after its link's end (links.md rule 8)."""
    assurance: Assurance | None = None
    automatic: bool = False
    """A machine wrote it: nobody is answered, whatever a person decides later."""
    partner_id: PartnerId | None = None
    case_id: CaseId | None = None
    filed_at: datetime | None = None
    reason: str | None = None
    """HoldReason or RefusalCode value."""
    released_to: QueueName | None = None
    """A person released it from hold to this queue; the worker files it there."""
    rules_hash: str | None = None
    rule: str | None = None
    trace: str | None = field(default=None, repr=False)
    """JSON list of what each rule saw, observed values masked."""
