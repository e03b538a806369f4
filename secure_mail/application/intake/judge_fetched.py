"""Takes down what is known of who wrote a fetched message. Nothing is refused: its server has it.

The worker holds what is not proved, from the same evidence (the eligibility table).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from secure_mail.application.intake.header_tap import TappedHeaders
from secure_mail.application.intake.judge_arrival import MAX_RECEIVED
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.authentication import CheckResult
from secure_mail.domain.authentication_results import results_above
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.partners import Check
from secure_mail.domain.proofs import Proof, prove, under_our_policy
from secure_mail.domain.trace_headers import (
    HeaderField,
    UnclearHeadersError,
    header_fields,
    hop_of,
    named,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFrom:
    """The mailbox that a message lay in, and the host whose word on it is believed."""

    mailbox: Mailbox
    user: str = field(default="", repr=False)
    """Of the account: where it is an address, mail may be addressed to it."""
    authserv_id: str = ""
    received_by: str = ""
    """Without both, nobody is proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFetched:
    """The author is the single From address, proved by the host's results alone.

    There is no envelope and no connection: whatever else the message says, its sender wrote.
    """

    rules: Rules
    clock: Clock

    def __call__(
        self, headers: TappedHeaders, *, source: FetchedFrom, readiness: Readiness
    ) -> Evidence:
        fields = _believable(headers)
        author = _address(headers.single_from or "")
        partner = readiness.partner_of(author) if author else None
        checks: set[Check] = {Check.TLS} if _over_tls(fields, source.received_by) else set()
        results: tuple[CheckResult, ...] = ()
        proof = Proof()
        if author and partner:
            results = self._results(fields, source)
            proof = prove(results, author.domain, partner)
        if proof.holds:
            checks.add(Check.DMARC)
        return Evidence(
            header_from=headers.from_addresses,
            tls=Check.TLS in checks,
            relayed=True,
            results=results,
            checks=tuple(sorted(checks)),
            partner=str(partner.id) if partner else None,
            replayed=proof.replayed,
        )

    def _results(
        self, fields: Sequence[HeaderField], source: FetchedFrom
    ) -> tuple[CheckResult, ...]:
        told = results_above(fields, authserv_id=source.authserv_id, received_by=source.received_by)
        return under_our_policy(told, fields, self._ours(source), self.clock.now())

    def _ours(self, source: FetchedFrom) -> Collection[str]:
        """Addresses that a letter to this mailbox may name."""
        box = EmailAddress(str(source.mailbox), self.rules.in_force().domain)
        user = _address(source.user)
        return {address.folded for address in (box, user) if address}


def _believable(headers: TappedHeaders) -> Sequence[HeaderField]:
    """None of a message that went round, or that two programs may read in two ways."""
    if headers.received > MAX_RECEIVED:
        return ()
    try:
        return header_fields(headers.section)
    except UnclearHeadersError:
        return ()


def _over_tls(fields: Sequence[HeaderField], received_by: str) -> bool:
    """Whether the topmost Received of that host says that the message came over TLS.

    Where one that cannot be read may be the host's, those below it may be anybody's.
    """
    for received in named(fields, "received") if received_by else ():
        hop = hop_of(received)
        if hop is None and received_by in received.value.lower():
            return False
        if hop is not None and hop.by == received_by:
            return hop.tls
    return False


def _address(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text)
    except InvalidAddressError:
        return None
