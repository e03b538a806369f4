"""Decides after the dot who proves to have written it and whether it may come in this way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_mail.application.intake.header_tap import TappedHeaders
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.vault import OwnMail
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.eligibility import Applicant, Party, VerdictKind, judge
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Channel
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind

MAX_RECEIVED = 30
"""Received headers; more is a loop (RFC 5321, 6.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeArrival:
    """Takes the evidence down, or refuses while the client still hears it.

    Behind a trusted relay a refusal would become backscatter: only loops are refused there, the
    rest is held by the worker from the same evidence.
    """

    rules: Rules
    own_mail: OwnMail

    def __call__(
        self,
        headers: TappedHeaders,
        *,
        peer: Peer,
        sender: EmailAddress | None,
        mailboxes: Sequence[Mailbox],
        readiness: Readiness,
    ) -> Evidence:
        """Raises Refusal: ROUTING_LOOP, NOT_ONE_FROM, or the code of the eligibility table."""
        if headers.received > MAX_RECEIVED or self._ours(headers):
            raise Refusal(RefusalCode.ROUTING_LOOP)
        author = headers.single_from
        if author is None and not peer.relayed:
            raise Refusal(RefusalCode.NOT_ONE_FROM)
        partner = _agreed(readiness, sender, author)
        proofs = peer.proofs(partner) if partner else frozenset[Check]()
        missing = _required(partner) - proofs if partner else frozenset[Check]()
        if any(map(self._needs_partner, mailboxes)):
            self._eligible(partner, proofs, missing, relayed=peer.relayed)
        return Evidence(
            envelope_sender=str(sender) if sender else None,
            header_from=headers.from_addresses,
            helo=peer.helo,
            peer=peer.address,
            # Of a relayed message the connection says nothing: the relay's own hop may be in clear.
            tls=peer.tls_version is not None and not peer.relayed,
            tls_version=peer.tls_version,
            relayed=peer.relayed,
            checks=tuple(sorted(proofs)),
            partner=str(partner.id) if partner and not missing else None,
        )

    def _ours(self, headers: TappedHeaders) -> bool:
        return bool(headers.own_mark) and self.own_mail.is_ours(
            headers.message_id, headers.own_mark
        )

    def _needs_partner(self, mailbox: Mailbox) -> bool:
        box = self.rules.in_force().mailbox(mailbox)
        return box is None or AudienceKind.ANYONE not in box.audience

    def _eligible(
        self,
        partner: PartnerOrganisation | None,
        proofs: frozenset[Check],
        missing: frozenset[Check],
        *,
        relayed: bool,
    ) -> None:
        verdict = judge(
            self.rules.in_force().eligibility,
            Applicant(
                party=Party.PARTNER if partner else Party.CUSTOMER,
                channel=Channel.SMTP,
                registered=partner is not None,
                proved=partner is not None and not missing,
                # TLS is anybody's: it proves no partner.
                another_proof=bool(proofs - {Check.TLS}),
                behind_relay=relayed,
            ),
        )
        if verdict.kind is VerdictKind.REFUSED and isinstance(verdict.code, RefusalCode):
            raise Refusal(verdict.code, check=", ".join(sorted(missing)))


def duplicate_scope(
    sender: EmailAddress | None, peer: Peer, partner: PartnerOrganisation | None
) -> str:
    """Whose retries are one message: the sender's from its proved partner, or from one network."""
    proved = partner is not None and Check.NETWORK in peer.proofs(partner)
    origin = str(partner.id) if partner and proved else peer.network
    return f"{sender.folded if sender else ''} {origin}"


def _required(partner: PartnerOrganisation) -> frozenset[Check]:
    return frozenset({Check.TLS, *partner.require})


def _agreed(
    readiness: Readiness, sender: EmailAddress | None, author: str | None
) -> PartnerOrganisation | None:
    """The partner that owns the envelope sender and the author alike."""
    if sender is None or author is None:
        return None
    try:
        written = EmailAddress.parse(author)
    except InvalidAddressError:
        return None
    partner = readiness.partner_of(sender)
    return partner if partner and partner == readiness.partner_of(written) else None
