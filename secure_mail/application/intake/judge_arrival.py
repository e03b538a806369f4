"""Decides after the dot who proves to have written it and whether it may come in this way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from secure_mail.application.intake.arrival_facts import (
    Claim,
    RelayTrust,
    Transport,
    held_by,
    transport_of,
)
from secure_mail.application.intake.header_tap import TappedHeaders
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.sender_auth import Presented, SenderAuthentication
from secure_mail.application.ports.vault import OwnMail
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.eligibility import Applicant, Party, VerdictKind, judge
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Channel
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.proofs import NOTHING_PROVED, Proof, prove, under_our_policy
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind

MAX_RECEIVED = 30
"""Received headers; more is a loop (RFC 5321, 6.3)."""
UNSIGNED = CheckResult(method=Method.DKIM, result=Result.NONE, reason=Reason.UNSIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquiry:
    """What is known of a claim without asking, and what is still to be asked; None: nothing is."""

    upstream: tuple[CheckResult, ...] = ()
    question: Presented | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    held: frozenset[Check] = frozenset()
    missing: frozenset[Check] = frozenset()
    """Of those that a door can judge: a signature on the content is the worker's to verify."""
    results: tuple[CheckResult, ...] = ()
    proof: Proof = NOTHING_PROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message after its dot, and what is known of it before anybody is asked."""

    headers: TappedHeaders
    peer: Peer
    sender: EmailAddress | None = field(repr=False)
    mailboxes: Sequence[Mailbox]
    transport: Transport
    claim: Claim | None
    inquiry: _Inquiry | None

    @property
    def asks_dns(self) -> bool:
        """Whether judging it may block, for as long as DNS takes."""
        return self.inquiry is not None and self.inquiry.question is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeArrival:
    """Takes the evidence down, or refuses while the client still hears it.

    Behind a trusted relay a refusal would become backscatter: only loops are refused there, the
    rest is held by the worker from the same evidence. Blocks only where the arrival `asks_dns`.
    """

    rules: Rules
    own_mail: OwnMail
    authentication: SenderAuthentication
    clock: Clock
    relays: RelayTrust = field(default_factory=RelayTrust)

    def arrived(
        self,
        headers: TappedHeaders,
        *,
        peer: Peer,
        sender: EmailAddress | None,
        mailboxes: Sequence[Mailbox],
        readiness: Readiness,
        bounce: bool = False,
    ) -> Arrival:
        """What is to be judged. Never blocks.

        `bounce`: to an address that a mail of ours bounces to; some daemons write no From.
        Raises Refusal: ROUTING_LOOP, NOT_ONE_FROM.
        """
        if headers.received > MAX_RECEIVED or self._ours(headers):
            raise Refusal(RefusalCode.ROUTING_LOOP)
        if headers.single_from is None and not (peer.relayed or bounce):
            raise Refusal(RefusalCode.NOT_ONE_FROM)
        transport = transport_of(headers, peer, self.relays)
        claim = _claim(readiness, sender, headers.single_from)
        return Arrival(
            headers=headers,
            peer=peer,
            sender=sender,
            mailboxes=mailboxes,
            transport=transport,
            claim=claim,
            inquiry=self._inquiry(headers, peer, transport, claim, mailboxes) if claim else None,
        )

    def __call__(self, arrival: Arrival) -> Evidence:
        """Raises Refusal: DNS_FAILURE, the code of the eligibility table, or the one check that
        failed.
        """
        peer, transport, claim = arrival.peer, arrival.transport, arrival.claim
        found = self._found(peer, transport, claim, arrival.inquiry) if claim else _Findings()
        if any(map(self._needs_partner, arrival.mailboxes)):
            self._eligible(claim.partner if claim else None, found, relayed=peer.relayed)
        return Evidence(
            envelope_sender=str(arrival.sender) if arrival.sender else None,
            header_from=arrival.headers.from_addresses,
            helo=peer.helo,
            peer=transport.client or peer.address,
            tls=transport.tls,
            tls_version=peer.tls_version,
            relayed=peer.relayed,
            certificate=peer.certificate,
            results=found.results,
            checks=tuple(sorted(found.held)),
            partner=str(claim.partner.id) if claim else None,
            replayed=found.proof.replayed,
        )

    def _ours(self, headers: TappedHeaders) -> bool:
        return bool(headers.own_mark) and self.own_mail.is_ours(
            headers.message_id, headers.own_mark
        )

    def _needs_partner(self, mailbox: Mailbox) -> bool:
        box = self.rules.in_force().mailbox(mailbox)
        return box is None or AudienceKind.ANYONE not in box.audience

    def _inquiry(
        self,
        headers: TappedHeaders,
        peer: Peer,
        transport: Transport,
        claim: Claim,
        mailboxes: Sequence[Mailbox],
    ) -> _Inquiry | None:
        """None where nothing depends on what authentication would say.

        Besides the partners that require it, it may be the other proof that lets a refusal name
        what failed.
        """
        partner = claim.partner
        missing = partner.required - held_by(transport, peer, partner) - {Check.SMIME}
        told = bool(missing) and headers.signed and not peer.relayed
        if Check.DMARC not in partner.required and not told:
            return None
        at = self.clock.now()
        domain = self.rules.in_force().domain
        ours = {EmailAddress(str(mailbox), domain).folded for mailbox in mailboxes}
        upstream = under_our_policy(transport.upstream, transport.fields, ours, at)
        known = prove(upstream, claim.author.domain, partner)
        client = transport.client if partner.allow_spf else None
        if known.holds and not known.replayed:
            return _Inquiry(upstream=upstream)
        if not (headers.signed or client):
            return _Inquiry(upstream=(*upstream, UNSIGNED))
        return _Inquiry(
            upstream=upstream,
            question=Presented(
                section=headers.section,
                body=headers.body,
                author=claim.author,
                sender=claim.sender,
                client=client,
                helo=peer.helo if not peer.relayed else None,
                signers=(claim.author.domain, *partner.signing_domains),
                recipients=ours,
                at=at,
            ),
        )

    def _found(
        self, peer: Peer, transport: Transport, claim: Claim, inquiry: _Inquiry | None
    ) -> _Findings:
        held = held_by(transport, peer, claim.partner)
        results: tuple[CheckResult, ...] = ()
        proof = NOTHING_PROVED
        if inquiry:
            here = self.authentication(inquiry.question) if inquiry.question else ()
            results = inquiry.upstream + here
            proof = prove(results, claim.author.domain, claim.partner)
        if proof.holds:
            held |= {Check.DMARC}
        return _Findings(
            held=held,
            missing=claim.partner.required - held - {Check.SMIME},
            results=results,
            proof=proof,
        )

    def _eligible(
        self, partner: PartnerOrganisation | None, found: _Findings, *, relayed: bool
    ) -> None:
        if found.missing == {Check.DMARC} and found.proof.unknown:
            raise Refusal(RefusalCode.DNS_FAILURE)
        verdict = judge(
            self.rules.in_force().eligibility,
            Applicant(
                party=Party.PARTNER if partner else Party.CUSTOMER,
                channel=Channel.SMTP,
                registered=partner is not None,
                proved=partner is not None and not found.missing,
                another_proof=partner is not None and _another_proof(partner, found),
                behind_relay=relayed,
            ),
        )
        if verdict.kind is VerdictKind.REFUSED and isinstance(verdict.code, RefusalCode):
            code = _named(verdict.code, partner, found)
            raise Refusal(code, check=", ".join(sorted(found.missing)))


def duplicate_scope(
    sender: EmailAddress | None,
    peer: Peer,
    partner: PartnerOrganisation | None,
    checks: Collection[str] = (),
) -> str:
    """Whose retries are one message: the sender's from its proved partner, or from one network.

    `checks` that held beside the connection's: large providers try again from another network.
    """
    own = {Check.NETWORK, Check.CLIENT_CERTIFICATE, Check.DMARC}
    proved = partner is not None and bool(own & peer.proofs(partner).union(checks))
    origin = str(partner.id) if partner and proved else peer.network
    return f"{sender.folded if sender else ''} {origin}"


def _claim(readiness: Readiness, sender: EmailAddress | None, author: str | None) -> Claim | None:
    if sender is None or author is None:
        return None
    try:
        written = EmailAddress.parse(author)
    except InvalidAddressError:
        return None
    partner = readiness.partner_of(sender)
    if partner is None or partner != readiness.partner_of(written):
        return None
    return Claim(partner=partner, author=written, sender=sender)


def _another_proof(partner: PartnerOrganisation, found: _Findings) -> bool:
    """Whether what holds is this partner's alone: then naming what failed tells nobody else."""
    shared = {Check.TLS} if partner.exclusive else {Check.TLS, Check.NETWORK}
    proofs = found.held - shared
    return bool(proofs - {Check.DMARC} if found.proof.replayed else proofs)


def _named(code: RefusalCode, partner: PartnerOrganisation | None, found: _Findings) -> RefusalCode:
    """The reply of RFC 7372 where one kind of check alone has failed."""
    alone = code is RefusalCode.PARTNER_NOT_PROVED and found.missing == {Check.DMARC}
    if not alone or partner is None:
        return code
    if not partner.allow_spf:
        return RefusalCode.DKIM_FAILED
    return code if found.proof.signed else RefusalCode.SPF_FAILED
