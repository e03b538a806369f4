"""What is known of an arrival before anybody is asked: whose it may be, and what already holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from secure_mail.application.intake.header_tap import TappedHeaders
from secure_mail.application.intake.peer import Peer
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import CheckResult
from secure_mail.domain.authentication_results import results_above
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.trace_headers import (
    HeaderField,
    Hop,
    UnclearHeadersError,
    header_fields,
    relays_hop,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTrust:
    """What the operator says of the relays in front, besides their networks."""

    authserv_id: str = ""
    """Whose Authentication-Results are believed; nobody's when it is empty."""
    enforces_tls: bool = False
    """The relays take mail over TLS only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whose mail it says to be: the partner owns the envelope sender and the author alike."""

    partner: PartnerOrganisation
    author: EmailAddress
    sender: EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How it came: of the client itself, not of a relay in between."""

    client: str | None = field(default=None, repr=False)
    """The client's address; None behind a relay that does not say it."""
    tls: bool = False
    fields: Sequence[HeaderField] = field(default=(), repr=False)
    """The header section, read; empty when it is unclear, or nobody relayed it."""
    upstream: tuple[CheckResult, ...] = ()
    """What the relay's own Authentication-Results say, as they say it."""


def transport_of(headers: TappedHeaders, peer: Peer, trust: RelayTrust) -> Transport:
    """Of a relayed mail only the relay's own topmost Received speaks; else the connection does."""
    if not peer.relayed:
        return Transport(client=peer.address, tls=peer.tls_version is not None)
    try:
        fields = header_fields(headers.section)
    except UnclearHeadersError:
        return Transport(tls=trust.enforces_tls)
    hop = relays_hop(fields, (peer.helo or "", trust.authserv_id))
    return Transport(
        client=hop.client if hop else None,
        tls=trust.enforces_tls or (hop is not None and hop.tls),
        fields=fields,
        upstream=_upstream(fields, hop, trust),
    )


def held_by(transport: Transport, peer: Peer, partner: PartnerOrganisation) -> frozenset[Check]:
    """The checks that hold without asking anybody: behind a relay never more than `tls`."""
    held = peer.proofs(partner)
    return held | {Check.TLS} if peer.relayed and transport.tls else held


def _upstream(
    fields: Sequence[HeaderField], hop: Hop | None, trust: RelayTrust
) -> tuple[CheckResult, ...]:
    """Nothing where the topmost Received is not the relay's: what is above may be anybody's."""
    if hop is None:
        return ()
    return results_above(fields, authserv_id=trust.authserv_id, received_by=hop.by)
