"""Whether results prove a partner's author, and whether the letter was meant for us.

A pass proves who wrote the words. That they were written to us, and now, only signed fields prove.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from secure_mail.domain.address_lists import recipients_in
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.authentication import REPLAYS, CheckResult, Method, Reason, Result
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.signatures import (
    Signature,
    UnreadableTagsError,
    covers,
    objection,
    read_signature,
)
from secure_mail.domain.trace_headers import HeaderField, named

RECENT = timedelta(days=7)
"""How far the signed Date may be from the arrival (intake.md)."""
MAX_SIGNATURES = 10
"""Signatures of one message that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What results say of one author and one partner."""

    holds: bool = False
    replayed: bool = False
    """It holds, but all that makes it hold may have been signed for another letter."""
    unknown: bool = False
    """It does not hold, and DNS kept back what might have made it hold."""
    signed: bool = False
    """Some signature was found, whatever became of it."""


NOTHING_PROVED = Proof()


def prove(results: Sequence[CheckResult], author: str, partner: PartnerOrganisation) -> Proof:
    """The check `dmarc` of a partner, for an author of the domain `author`.

    A DKIM signature of that very domain, or of one that the registration names. SPF, or an
    upstream's word that DMARC passed (on what, it does not say), only where SPF is allowed.
    """
    signers = {author, *partner.signing_domains}

    def counts(one: CheckResult) -> bool:
        match one.method:
            case Method.DKIM:
                return one.domain in signers
            case Method.SPF:
                return partner.allow_spf and one.domain == author
            case Method.DMARC:
                return partner.allow_spf and one.domain == author and bool(one.source)
            case Method.ARC | Method.SMIME:
                return False

    passes = [one for one in results if one.result is Result.PASS and counts(one)]
    asked_in_vain = any(
        one.result is Result.TEMPERROR
        and not one.source  # what an upstream could not ask, it will not ask again
        and (counts(one) or one.method is Method.ARC)
        for one in results
    )
    return Proof(
        holds=bool(passes),
        replayed=bool(passes) and all(one.reason in REPLAYS for one in passes),
        unknown=not passes and asked_in_vain,
        signed=any(
            one.method in {Method.DKIM, Method.ARC} and one.result is not Result.NONE
            for one in results
        ),
    )


def replay_of(
    signature: Signature,
    fields: Sequence[HeaderField],
    recipients: Collection[str],
    at: datetime,
) -> Reason | None:
    """Why a signature that verifies may have been made for another letter; None if it was not.

    `recipients`: our addresses of this message, folded; To or Cc must name one of them.
    """
    signed = [name for name in ("to", "cc") if covers(signature, fields, name)]
    if not signed:
        return Reason.RECIPIENT_UNSIGNED
    written = {
        address for name in signed for one in named(fields, name) for address in _folded(one.value)
    }
    if not written & set(recipients):
        return Reason.OTHER_RECIPIENT
    if not covers(signature, fields, "date"):
        return Reason.DATE_UNSIGNED
    recent = any(_recent(one.value, at) for one in named(fields, "date"))
    return None if recent else Reason.OTHER_DATE


def under_our_policy(
    results: Sequence[CheckResult],
    fields: Sequence[HeaderField],
    recipients: Collection[str],
    at: datetime,
) -> tuple[CheckResult, ...]:
    """An upstream's results, its DKIM passes only as far as the signature is one we would take.

    The upstream verified it; what it covers stands in the message. SPF spoke of the connection,
    which nobody can replay; that DMARC passed may be by a signature that was.
    """
    signatures = _readable(fields)

    def judged(one: CheckResult) -> CheckResult:
        if one.result is not Result.PASS or one.method not in {Method.DKIM, Method.DMARC}:
            return one
        if one.method is Method.DMARC:
            return replace(one, reason=Reason.RECIPIENT_UNSIGNED)
        named_so = [
            signature
            for signature in signatures
            if signature.domain == one.domain and one.selector in {"", signature.selector}
        ]
        objections = [objection(signature, fields, at) for signature in named_so]
        # It passed one of them, we cannot tell which: a single objection spoils them all.
        against = next(filter(None, objections), None)
        if against or not named_so:
            reason = against or Reason.SIGNATURE_UNREADABLE
            return replace(one, result=Result.POLICY, reason=reason)
        replays = [replay_of(signature, fields, recipients, at) for signature in named_so]
        return replace(one, reason=next(filter(None, replays), ""))

    return tuple(map(judged, results))


def _readable(fields: Sequence[HeaderField]) -> tuple[Signature, ...]:
    """Every signature; none where one cannot be read, for it may be the one that passed."""
    try:
        return tuple(map(read_signature, named(fields, "dkim-signature")))
    except UnreadableTagsError:
        return ()


def _folded(value: str) -> set[str]:
    found = set()
    for text in recipients_in(value):
        try:
            found.add(EmailAddress.parse(text).folded)
        except InvalidAddressError:
            continue
    return found


def _recent(value: str, at: datetime) -> bool:
    try:
        written = parsedate_to_datetime(value)
        aware = written if written.tzinfo else written.replace(tzinfo=UTC)
        return abs(aware - at) < RECENT
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
