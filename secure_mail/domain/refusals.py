"""Why something is refused: one vocabulary; each door owns the table from code to its answer."""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable codes. Every door's table is tested to be total over this enum."""

    # who may write (rules.md, eligibility table)
    USE_E_SERVICE = "use-e-service"
    USE_EIDAS = "use-eidas"
    NOT_ABROAD = "not-abroad"
    USE_SECURE_LINK = "use-secure-link"
    NOT_A_PARTNER = "not-a-partner"
    PARTNER_NOT_PROVED = "partner-not-proved"
    DKIM_FAILED = "dkim-failed"
    SPF_FAILED = "spf-failed"
    WRONG_MAILBOX = "wrong-mailbox"
    NO_SUCH_MAILBOX = "no-such-mailbox"
    # the envelope and the wire
    RELAYING_DENIED = "relaying-denied"
    NO_REPLY_ADDRESS = "no-reply-address"
    TLS_REQUIRED = "tls-required"
    TOO_MANY_RECIPIENTS = "too-many-recipients"
    TOO_LARGE = "too-large"
    BARE_LINE_ENDING = "bare-line-ending"
    NUL_IN_MESSAGE = "nul-in-message"
    LINE_TOO_LONG = "line-too-long"
    NOT_ONE_FROM = "not-one-from"
    ROUTING_LOOP = "routing-loop"
    DNS_FAILURE = "dns-failure"
    BOUNCE_TO_SEVERAL = "bounce-to-several"
    # the service's own state
    RATE_LIMITED = "rate-limited"
    STORAGE_LOW = "storage-low"
    BACKLOG = "backlog"
    TEMPORARY = "temporary"
    SHUTTING_DOWN = "shutting-down"
    # the link, its session, the draft
    LINK_DEAD = "link-dead"
    LINK_CAP = "link-cap"
    SESSION_ENDED = "session-ended"
    TOO_MANY_DRAFTS = "too-many-drafts"
    DRAFT_INCOMPLETE = "draft-incomplete"
    DRAFT_ELSEWHERE = "draft-elsewhere"
    FILE_TYPE = "file-type"
    FILE_EMPTY = "file-empty"
    FILE_TOO_LARGE = "file-too-large"
    FILE_LOCKED = "file-locked"
    FILE_UNREADABLE = "file-unreadable"
    TOO_MANY_FILES = "too-many-files"
    # reading an answer
    CODE_WRONG = "code-wrong"
    CODE_DEAD = "code-dead"
    CODE_OTHER_BROWSER = "code-other-browser"
    # staff
    SIGN_IN_FAILED = "sign-in-failed"
    NO_ACCESS = "no-access"
    NOT_FOUND = "not-found"
    STALE = "stale"
    NOT_IDENTIFIED = "not-identified"


TOLD = (
    RefusalCode.USE_E_SERVICE,
    RefusalCode.USE_EIDAS,
    RefusalCode.NOT_ABROAD,
    RefusalCode.USE_SECURE_LINK,
    RefusalCode.NOT_A_PARTNER,
    RefusalCode.PARTNER_NOT_PROVED,
    RefusalCode.WRONG_MAILBOX,
    RefusalCode.NO_SUCH_MAILBOX,
)
"""What a sender can be told of a message that was accepted; each has a mail text."""


class Refusal(Exception):
    """An expected no: its code and, where the answer needs them, small facts without content."""

    def __init__(self, code: RefusalCode, **facts: str | int) -> None:
        super().__init__(code.value)
        self.code = code
        self.facts = facts
