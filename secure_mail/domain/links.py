"""Registration, the 10-day link and the sessions that come of it. Rules: docs on links, 1-19."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from secure_mail.domain.ids import LinkId, PartnerId, RegistrationId, SessionId
from secure_mail.domain.sealing import SealedBytes

SESSION_IDLE = timedelta(minutes=30)
LINK_SESSION_LIFE = timedelta(hours=12)
READING_SESSION_LIFE = timedelta(hours=2)
STAFF_SESSION_LIFE = timedelta(hours=12)
GRACE = timedelta(minutes=60)
"""A form served before the link's end may be sent this long after it (rule 8)."""
REGISTRATION_KEPT = timedelta(days=30)
"""A registration without a message is deleted this long after its link's end."""
MAX_LIVE_UNREDEEMED = 3
MAX_OPEN_DRAFTS = 3


class Audience(StrEnum):
    """What the person chose on "Which way can I contact you?"."""

    E_SERVICE = "e-service"
    EIDAS = "eidas"
    ABROAD = "abroad"
    PARTNER = "partner"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The answers given before the address; stored only with a request for a link."""

    audience: Audience
    country: str | None = None
    """ISO 3166-1 alpha-2; AX (Åland) counts as Finland."""
    eidas_failed: bool = False
    """Came by "it does not work for me"."""
    text_version: str = ""
    """Which wording of the questions was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One request for a link. The address lies sealed to the worker; a door cannot read it back."""

    id: RegistrationId
    requested_at: datetime
    language: str
    check_words: str
    network: bytes = field(repr=False)
    """Keyed hash of the client network (/24, /48); serves limits only."""
    sealed: SealedBytes = field(repr=False)
    """JSON `{"address", "declaration": {...}}`, to the worker, purpose REGISTRATION."""
    address_index: bytes | None = field(default=None, repr=False)
    """Blind index, set by the worker when it has decided."""
    domain_index: bytes | None = field(default=None, repr=False)
    """Keyed hash of the address's domain, set with it; serves the per-domain limit."""
    outcome: str | None = None
    """`link`, a RefusalCode value, `limited` or `blocked`; set by the worker."""
    mailed_at: datetime | None = None


class LinkState(StrEnum):
    LIVE = "live"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureLink:
    """The right to write for a while. Only the SHA-256 of its token is stored."""

    id: LinkId
    registration_id: RegistrationId
    token_hash: bytes = field(repr=False)
    reference: str
    """Public, six Crockford symbols, for support."""
    language: str
    check_words: str
    requested_at: datetime
    expires_at: datetime
    audience: Audience
    partner_id: PartnerId | None
    country: str | None
    address_index: bytes = field(repr=False)
    masked_address: SealedBytes = field(repr=False)
    """Masked address under a key derived from the token."""
    state: LinkState = LinkState.LIVE
    redeemed_at: datetime | None = None
    uses: int = 0
    cap: int = 20
    octets: int = 0
    octets_cap: int = 250 * 1024 * 1024
    revoked_reason: str | None = None

    def alive_at(self, now: datetime) -> bool:
        """Half-open: alive at the instant of the request, dead at `expires_at`."""
        return self.state is LinkState.LIVE and self.requested_at <= now < self.expires_at

    def in_grace_at(self, now: datetime, form_served_at: datetime) -> bool:
        """A form served in the link's life may be sent up to GRACE after it, unless revoked."""
        return (
            self.state is LinkState.LIVE
            and self.requested_at
            <= form_served_at
            < self.expires_at
            <= now
            < self.expires_at + GRACE
        )


class SessionKind(StrEnum):
    LINK = "link"
    READING = "reading"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser's session: SHA-256 of a random cookie; needs no server key."""

    id: SessionId
    kind: SessionKind
    secret_hash: bytes = field(repr=False)
    subject: str
    """Id, as text, of the link, the reading code or the member of staff."""
    language: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    sealed: SealedBytes | None = field(default=None, repr=False)
    """JSON under a key derived from the cookie (what the pages of this session show)."""

    def open_at(self, now: datetime, idle: timedelta = SESSION_IDLE) -> bool:
        """Whether the session may still be used: not ended, not idle, within its absolute life."""
        return self.ended_at is None and now < self.expires_at and now < self.last_used_at + idle


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBlock:
    """The sender said "never send me links": for 90 days, or until lifted (rule 16)."""

    address_index: bytes = field(repr=False)
    since: datetime
    until: datetime


class StopAction(StrEnum):
    REVOKE = "revoke"
    """End all my links."""
    NEVER = "never"
    """End my links and send no new ones, for 90 days."""
    ALLOW = "allow"
    """Lift the block; asked for with the same stop code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequest:
    """What was typed on the stop page; the worker alone decides whether the code is right."""

    id: RegistrationId
    requested_at: datetime
    network: bytes = field(repr=False)
    sealed: SealedBytes = field(repr=False)
    """JSON `{"address", "code", "action"}`, to the worker, STOP_REQUEST; empty once done."""


BLOCK_LIFE = timedelta(days=90)
