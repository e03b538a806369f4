"""The audit trail: events go in with the transaction that causes them; ids, never content."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from secure_mail.domain.ids import EventId


class AuditKind(StrEnum):
    # evidence classes of a link (links.md rule 18)
    LINK_REQUESTED = "link.requested"
    LINK_ISSUED = "link.issued"
    LINK_MAILED = "link.mailed"
    LINK_NOT_SENT = "link.not-sent"
    LINK_FETCHED = "link.fetched"
    LINK_REDEEMED = "link.redeemed"
    LINK_REVOKED = "link.revoked"
    LINKS_BLOCKED = "links.blocked"
    MESSAGE_SUBMITTED = "message.submitted"
    # the way of a message
    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_FILED = "message.filed"
    MESSAGE_HELD = "message.held"
    MESSAGE_RELEASED = "message.released"
    MESSAGE_REFUSED = "message.refused"
    MESSAGE_NOT_FETCHED = "message.not-fetched"
    """Set aside on its IMAP server: a person must look."""
    RECEIPT_MAILED = "receipt.mailed"
    REFUSAL_MAILED = "refusal.mailed"
    REFUSAL_NOT_SENT = "refusal.not-sent"
    MAIL_UNDELIVERED = "mail.undelivered"
    """Bounced, refused by the relay or given up; of a link, its evidence class "bounced"."""
    SEAL_BROKEN = "seal.broken"
    # case work
    CASE_READ = "case.read"
    CASE_CHANGED = "case.changed"
    FILE_DOWNLOADED = "file.downloaded"
    REPLY_SENT = "reply.sent"
    NOTICE_MAILED = "notice.mailed"
    CODE_REQUESTED = "code.requested"
    CODE_MAILED = "code.mailed"
    CODE_WRONG = "code.wrong"
    CODE_USED = "code.used"
    ANSWER_DISPLAYED = "answer.displayed"
    # people and settings
    STAFF_ADDED = "staff.added"
    STAFF_SIGNED_IN = "staff.signed-in"
    STAFF_SIGN_IN_FAILED = "staff.sign-in-failed"
    STAFF_DISABLED = "staff.disabled"
    STAFF_RESET = "staff.reset"
    GRANT_REQUESTED = "grant.requested"
    GRANT_CONFIRMED = "grant.confirmed"
    PARTNER_CHANGED = "partner.changed"
    RULES_APPROVED = "rules.approved"
    NOTICE_CHANGED = "notice.changed"
    SWEPT = "upkeep.swept"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    id: EventId
    at: datetime
    kind: AuditKind
    actor: str
    """`staff:ID`, `sender`, `door:NAME`, `worker`, `scheduler` or `operator`."""
    subject: str
    """Id, as text, of what it is about."""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCount:
    """Conservation: accepted = filed + held + refused + in_progress."""

    accepted: int
    filed: int
    held: int
    refused: int
    in_progress: int
    first_gap: int | None
    """The first missing number, or None."""

    @property
    def balanced(self) -> bool:
        return self.first_gap is None and self.accepted == (
            self.filed + self.held + self.refused + self.in_progress
        )
