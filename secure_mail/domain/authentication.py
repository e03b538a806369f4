"""What the checks of a sender found: results in the words of RFC 8601, one per check made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Method(StrEnum):
    """RFC 8601, 2.7; `SMIME` is RFC 7281's."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ARC = "arc"
    SMIME = "smime"


class Result(StrEnum):
    """RFC 8601, 2.7."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - a word of the RFC
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    """Not by our policy, whether it verifies or not: counts as none."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Reason(StrEnum):
    """Why a result is what it is; explained in docs/explanation/sender-authentication.md."""

    # nothing was found
    UNSIGNED = "unsigned"
    NO_RECORD = "no-record"
    # it could not be asked, or not be read
    DNS = "dns-failure"
    HEADERS_UNCLEAR = "headers-unclear"
    SIGNATURE_UNREADABLE = "signature-unreadable"
    RECORD_UNREADABLE = "record-unreadable"
    # our policy
    BODY_LENGTH = "body-length-limited"
    ALGORITHM = "algorithm-not-accepted"
    KEY_TOO_SHORT = "key-too-short"
    KEY_TOO_LONG = "key-too-long"
    KEY_IN_TEST = "key-in-test"
    FROM_UNSIGNED = "from-unsigned"
    SUBJECT_UNSIGNED = "subject-unsigned"
    HEADER_ADDED = "header-added"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from-the-future"
    STRANGER = "not-a-configured-forwarder"
    CHAIN_UNEVEN = "chain-uneven"
    # the key
    NO_KEY = "no-key"
    KEY_AMBIGUOUS = "several-keys"
    KEY_REVOKED = "key-revoked"
    KEY_UNREADABLE = "key-unreadable"
    KEY_MISMATCH = "key-of-another-kind"
    # it does not verify
    BODY_CHANGED = "body-changed"
    SIGNATURE_WRONG = "signature-wrong"
    CHAIN_BROKEN = "chain-broken"
    NOT_ALIGNED = "not-aligned"
    OTHER_SIGNER = "signer-of-another-organisation"
    NOT_PERMITTED = "address-not-permitted"
    # S/MIME
    NO_CERTIFICATE = "no-certificate-for-author"
    NOT_VERIFIABLE = "not-verifiable-here"
    # it verifies, but for somebody else, or of another day
    RECIPIENT_UNSIGNED = "recipient-unsigned"
    OTHER_RECIPIENT = "other-recipient"
    DATE_UNSIGNED = "date-unsigned"
    OTHER_DATE = "date-not-recent"


REPLAYS = frozenset(
    {Reason.RECIPIENT_UNSIGNED, Reason.OTHER_RECIPIENT, Reason.DATE_UNSIGNED, Reason.OTHER_DATE}
)
"""Reasons of a pass that may have been signed for another letter: a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of one message."""

    method: Method
    result: Result
    domain: str = ""
    """What was authenticated: `d=` of a signature, domain of MAIL FROM or of From; lower case."""
    reason: str = ""
    """Why: a `Reason`, never the sender's words; empty where there is nothing to add."""
    selector: str = field(default="", repr=False)
    source: str = ""
    """authserv-id of the upstream that made the check; empty when it was made here."""


@dataclass(frozen=True, slots=True)
class BodyHashes:
    """SHA-256 of a message's body in both canonical forms (RFC 6376, 3.4.3 and 3.4.4)."""

    simple: bytes = field(repr=False)
    relaxed: bytes = field(repr=False)
