"""What rules may look at: a typed, closed set, computed once per message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from secure_mail.domain.links import Audience
from secure_mail.domain.messages import Assurance, Channel

Value = str | int | bool | frozenset[str] | None
"""What a fact holds; None = missing."""

HEADER = "header."
"""Prefix of raw headers, which only the stages guard and route may read."""


class SenderKind(StrEnum):
    CUSTOMER_ABROAD = "customer_abroad"
    PARTNER = "partner"
    PARTNER_UNPROVED = "partner_unproved"
    """Registered, but a required check is missing."""
    PARTNER_UNREGISTERED = "partner_unregistered"
    UNKNOWN = "unknown"


class AuthResult(StrEnum):
    """RFC 8601."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - the standard's word
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class AutoKind(StrEnum):
    """RFC 3834, RFC 3464."""

    NONE = "none"
    AUTO_REPLIED = "auto_replied"
    AUTO_GENERATED = "auto_generated"
    LIST = "list"
    BOUNCE = "bounce"
    OWN = "own"


class Readable(StrEnum):
    YES = "yes"
    LOCKED = "locked"
    """A password, S/MIME or PGP that we have no key for."""
    REMOTE = "remote"
    """Only a link to another secure mail service."""


class ScanVerdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"
    ERROR = "error"


class CaseToken(StrEnum):
    NONE = "none"
    VALID = "valid"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One message as the rules see it; `sender_kind` is written `sender.kind` in the file."""

    channel: Channel
    mailbox: str | None = None
    """Of the envelope, never of To."""
    topic: str | None = None
    purpose: str | None = None
    language: str | None = None
    sender_kind: SenderKind | None = None
    sender_assurance: Assurance | None = None
    sender_country: str | None = None
    sender_domain: str | None = field(default=None, repr=False)
    partner_id: str | None = None
    declaration_audience: Audience | None = None
    declaration_country: str | None = None
    declaration_eidas_failed: bool | None = None
    declaration_acts_for: bool | None = None
    transport_tls: bool | None = None
    auth_spf: AuthResult | None = None
    auth_dkim: AuthResult | None = None
    auth_dmarc: AuthResult | None = None
    replayed: bool = False
    """The signature may be of another letter; no rule asks it, the table's verdict does."""
    auto_kind: AutoKind = AutoKind.NONE
    parse_defects: frozenset[str] = frozenset()
    content_readable: Readable = Readable.YES
    scan_verdict: ScanVerdict | None = None
    case_token: CaseToken = CaseToken.NONE
    case_sender_is_participant: bool = False
    attachments_count: int = 0
    attachments_bytes: int = 0
    attachments_types: frozenset[str] = frozenset()
    """Media types, lower case."""
    subject: str | None = field(default=None, repr=False)
    body: str | None = field(default=None, repr=False)
    """The first 64 KiB (BODY_LIMIT)."""
    size: int | None = None
    identity_code_in_subject: bool = False
    received_business_hours: bool | None = None
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Lower-case name to decoded values: `header.<name>`."""

    def value(self, name: str) -> Value:
        """The fact of that name in the file's spelling; None when it is missing or not a fact."""
        if name.startswith(HEADER):
            values = self.headers.get(name.removeprefix(HEADER))
            return None if values is None else "\n".join(values)
        if name not in FACTS:
            return None
        found: Value = getattr(self, attribute(name))
        return found


BODY_LIMIT = 64 * 1024
"""Characters of the text that rules see."""


class FactKind(StrEnum):
    """What may be asked of a fact."""

    WORD = "word"
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    SET = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRule:
    kind: FactKind
    choices: frozenset[str] | None = None
    """The only words it can be; None: any, or those of the rules file."""
    private: bool = False
    """Never shown in a trace."""


def attribute(name: str) -> str:
    """Name of the dataclass field behind a fact."""
    return name.replace(".", "_")


def _choice(words: type[StrEnum]) -> FactRule:
    return FactRule(kind=FactKind.WORD, choices=frozenset(word.value for word in words))


_WORD = FactRule(kind=FactKind.WORD)
_NUMBER = FactRule(kind=FactKind.NUMBER)
_FLAG = FactRule(kind=FactKind.FLAG)
_SET = FactRule(kind=FactKind.SET)
_TEXT = FactRule(kind=FactKind.TEXT, private=True)

FACTS: Mapping[str, FactRule] = {
    "channel": _choice(Channel),
    "mailbox": _WORD,
    "topic": _WORD,
    "purpose": _WORD,
    "language": _WORD,
    "sender.kind": _choice(SenderKind),
    "sender.assurance": _choice(Assurance),
    "sender.country": _WORD,
    "sender.domain": FactRule(kind=FactKind.WORD, private=True),
    "partner.id": _WORD,
    "declaration.audience": _choice(Audience),
    "declaration.country": _WORD,
    "declaration.eidas_failed": _FLAG,
    "declaration.acts_for": _FLAG,
    "transport.tls": _FLAG,
    "auth.spf": _choice(AuthResult),
    "auth.dkim": _choice(AuthResult),
    "auth.dmarc": _choice(AuthResult),
    "auto.kind": _choice(AutoKind),
    "parse.defects": _SET,
    "content.readable": _choice(Readable),
    "scan.verdict": _choice(ScanVerdict),
    "case.token": _choice(CaseToken),
    "case.sender_is_participant": _FLAG,
    "attachments.count": _NUMBER,
    "attachments.bytes": _NUMBER,
    "attachments.types": _SET,
    "subject": _TEXT,
    "body": _TEXT,
    "size": _NUMBER,
    "identity_code.in_subject": _FLAG,
    "received.business_hours": _FLAG,
}


def fact_rule(name: str) -> FactRule | None:
    """What may be asked of the fact of that name; None when there is no such fact."""
    if name.startswith(HEADER) and len(name) > len(HEADER):
        return _TEXT
    return FACTS.get(name)
