"""The station after opening: what the door saw is judged, what it could not see is looked at.

S/MIME needs the whole message, so only the worker can judge it; what was inside a verified
signature or an encryption is what the stations that follow read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from secure_mail.application.ports.certificates import Certificates, NoCertificateError
from secure_mail.application.ports.smime import (
    Signature,
    SmimeDecrypter,
    SmimeVerifier,
    Verified,
    Wrapping,
)
from secure_mail.application.processing.arrival import Arrival
from secure_mail.application.processing.sender import (
    Sender,
    held,
    registered,
    single_author,
)
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import REPLAYS, CheckResult, Method, Reason, Result
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.passports import CheckDay, counted
from secure_mail.domain.routing.evaluate import Decision
from secure_mail.domain.routing.trace import STATION, TraceLine

LAYERS = 3
"""Signed, encrypted, signed again (RFC 2634, 1.1): more is not opened."""
FRESH = timedelta(days=7)
"""As of a DKIM signature: an older one may be of an old letter that somebody sends again."""
AHEAD = timedelta(hours=24)
"""What clocks may be wrong by."""

_SAID: dict[Signature, tuple[Result, str]] = {
    Signature.VALID: (Result.PASS, ""),
    Signature.ABSENT: (Result.NONE, Reason.UNSIGNED),
    Signature.INVALID: (Result.FAIL, Reason.SIGNATURE_WRONG),
    Signature.WEAK: (Result.POLICY, Reason.ALGORITHM),
    Signature.UNAVAILABLE: (Result.TEMPERROR, Reason.NOT_VERIFIABLE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """Opens S/MIME layer by layer, from the outside; gives the arrival as it is to be read.

    Its evidence then holds what S/MIME proved, or why it proved nothing.
    """

    verifier: SmimeVerifier
    decrypter: SmimeDecrypter | None
    """None: partners cannot encrypt to us."""
    certificates: Certificates

    def __call__(
        self, arrival: Arrival, partners: Sequence[PartnerOrganisation], today: date
    ) -> Arrival:
        """Never raises: what does not verify or open stays as it came."""
        if arrival.composition is not None:
            return arrival
        evidence = arrival.evidence
        author = single_author(evidence)
        partner = registered(author, partners, today) if author else None
        if partner is None or evidence.partner != str(partner.id):
            partner = None
        raw, verified = self._opened(arrival, author, partner)
        checks = {*evidence.checks} - {Check.SMIME.value}
        results, replayed = evidence.results, evidence.replayed
        if partner is not None and author is not None and _matters(partner, verified):
            result = _result(verified, author, arrival.message.received_at)
            results = (*results, result)
            if result.result is Result.PASS:
                checks.add(Check.SMIME.value)
                stale = result.reason in REPLAYS
                replayed = replayed or (Check.SMIME in partner.required and stale)
        judged = replace(
            evidence,
            checks=tuple(one.value for one in Check if one in checks),
            results=results,
            replayed=replayed,
        )
        return replace(arrival, raw=raw, evidence=judged)

    def _opened(
        self,
        arrival: Arrival,
        author: EmailAddress | None,
        partner: PartnerOrganisation | None,
    ) -> tuple[bytes, Verified | None]:
        """The message as it is to be read, and its outermost signature; None: nobody could make it.

        A layer that does not open ends it: what stands further inside is not looked at.
        """
        raw = arrival.raw
        pins = self._pins(partner, author, arrival.message.received_at)
        verified = Verified(state=Signature.ABSENT) if pins else None
        for _ in range(LAYERS):
            match self.verifier.wrapping(raw):
                case Wrapping.NONE:
                    break
                case Wrapping.ENCRYPTED:
                    inside = self.decrypter.decrypt(raw) if self.decrypter else None
                    if inside is None:
                        break
                    raw = inside
                case Wrapping.SIGNED:
                    if not pins:
                        break
                    found = self.verifier.verify(raw, pins)
                    if verified is None or verified.state is not Signature.VALID:
                        verified = found
                    if found.state is not Signature.VALID:
                        break
                    raw = found.content
        return raw, verified

    def _pins(
        self, partner: PartnerOrganisation | None, author: EmailAddress | None, at: datetime
    ) -> tuple[str, ...]:
        """The registered certificates that name the author and were in force on arrival."""
        if partner is None or author is None:
            return ()
        found: list[str] = []
        for one in partner.certificates:
            try:
                facts = self.certificates.read(one.pem.encode())
            except NoCertificateError:
                continue
            if facts.in_force_at(at) and facts.speaks_for(author):
                found.append(one.pem)
        return tuple(found)


def with_results(decision: Decision, evidence: Evidence, sender: Sender) -> Decision:
    """The decision with this station's lines before those of the rules."""
    found = [
        TraceLine(
            rule=STATION,
            fact=one.method.value,
            op="found",
            operand=one.reason,
            seen=one.result.value,
            result=one.result is Result.PASS,
        )
        for one in evidence.results
    ]
    shown = held(evidence)
    asked = shown | sender.claimed.required if sender.claimed else frozenset[Check]()
    checks = [
        TraceLine(
            rule=STATION,
            fact=check.value,
            op="required" if sender.claimed and check in sender.claimed.required else "seen",
            operand=None,
            seen=None,
            result=check in shown,
        )
        for check in Check
        if check in asked
    ]
    return replace(decision, trace=(*checks, *found, *decision.trace))


def seen(sender: Sender, arrival: Arrival, day: date) -> tuple[CheckDay, ...]:
    """What a mail adds to the passport of the partner whose it says to be."""
    partner, shown = sender.claimed, held(arrival.evidence)
    if partner is None:
        return ()
    missed = partner.required - shown
    at = arrival.message.received_at
    return counted(partner.id, held=shown, missed=missed, at=at, day=day)


def _matters(partner: PartnerOrganisation, verified: Verified | None) -> bool:
    """Whether S/MIME is worth a word: asked of the partner, or there to be judged."""
    there = verified is not None and verified.state is not Signature.ABSENT
    return there or Check.SMIME in partner.required


def _result(verified: Verified | None, author: EmailAddress, at: datetime) -> CheckResult:
    if verified is None:
        outcome: tuple[Result, str] = (Result.FAIL, Reason.NO_CERTIFICATE)
    else:
        outcome = _SAID[verified.state]
    result, reason = outcome
    if verified is not None and result is Result.PASS:
        reason = _when(verified.signed_at, at)
    return CheckResult(method=Method.SMIME, result=result, domain=author.domain, reason=reason)


def _when(signed_at: datetime | None, at: datetime) -> str:
    """Why a valid signature may belong to another letter; empty when it is of these days."""
    if signed_at is None:
        return Reason.DATE_UNSIGNED
    fresh = at - FRESH <= signed_at <= at + AHEAD
    return "" if fresh else Reason.OTHER_DATE
