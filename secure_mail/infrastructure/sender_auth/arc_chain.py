"""Believes a configured forwarder that says what it found before it changed the mail (RFC 8617)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import dkim

from secure_mail.application.ports.sender_auth import Presented
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.authentication_results import (
    UnclearResultsError,
    check_results,
    parse_results,
)
from secure_mail.domain.proofs import replay_of
from secure_mail.domain.signature_keys import KeyFaultError
from secure_mail.domain.signatures import (
    Algorithm,
    Signature,
    UnreadableTagsError,
    objection,
    read_signature,
    tag_list,
)
from secure_mail.domain.trace_headers import HeaderField, named
from secure_mail.infrastructure.sender_auth.dkim_signatures import SILENT, body_holds
from secure_mail.infrastructure.sender_auth.keys import UNREADABLE, published_key
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError, Lookups

MAX_INSTANCES = 10
"""The RFC allows 50; no mail goes round through as many forwarders."""
ARC_FIELDS = ("arc-seal", "arc-message-signature", "arc-authentication-results")

_INSTANCE = re.compile(r"[ \t]*i[ \t]*=[ \t]*([0-9]{1,2})[ \t]*;")
_NUMBER = re.compile(r"[0-9]{1,2}\Z")
_DOMAIN = re.compile(r"[a-z0-9._-]{1,253}\Z")


def judge_chain(
    fields: Sequence[HeaderField],
    mail: Presented,
    lookups: Lookups,
    forwarders: Collection[str],
) -> tuple[CheckResult, ...]:
    """The chain's result and, if it holds, what the newest sealer reports of DKIM and DMARC.

    Of strangers nothing is asked: a chain is worth no more than the trust in who sealed it last.
    """
    seals = named(fields, "arc-seal")
    if not seals:
        return ()
    newest = _newest_set(fields)
    if newest is None or len(seals) > MAX_INSTANCES:
        return (_result(Result.PERMERROR, Reason.CHAIN_BROKEN),)
    seal, message, report = newest
    try:
        domain = tag_list(seal.value).get("d", "").lower()
        signature = read_signature(message, arc=True)
    except UnreadableTagsError:
        return (_result(Result.PERMERROR, Reason.SIGNATURE_UNREADABLE),)
    if domain not in forwarders:
        shown = domain if _DOMAIN.match(domain) else ""
        return (_result(Result.POLICY, Reason.STRANGER, shown),)
    chain = _verified(fields, mail, lookups, signature, domain)
    if chain.result is not Result.PASS:
        return (chain,)
    replay = replay_of(signature, fields, mail.recipients, mail.at)
    return (replace(chain, reason=replay or ""), *_reported(report, domain, replay))


def _newest_set(
    fields: Sequence[HeaderField],
) -> tuple[HeaderField, HeaderField, HeaderField] | None:
    """Seal, message signature and results of the highest instance; None if one is not there."""
    instances: dict[int, dict[str, HeaderField]] = {}
    for one in fields:
        if one.name not in ARC_FIELDS:
            continue
        number = _instance(one)
        if number is None or one.name in instances.setdefault(number, {}):
            return None
        instances[number][one.name] = one
    newest = instances[max(instances)]
    if len(newest) != len(ARC_FIELDS):
        return None
    seal, message, report = (newest[name] for name in ARC_FIELDS)
    return seal, message, report


def _instance(one: HeaderField) -> int | None:
    if one.name == "arc-authentication-results":
        match = _INSTANCE.match(one.value)
        return int(match[1]) if match else None
    try:
        number = tag_list(one.value).get("i", "")
    except UnreadableTagsError:
        return None
    return int(number) if _NUMBER.match(number) else None


def _numbering(fields: Sequence[HeaderField]) -> list[tuple[int, str]]:
    numbered = ((_instance(one), one.name) for one in fields if one.name in ARC_FIELDS)
    return sorted((number, name) for number, name in numbered if number is not None)


def _verified(
    fields: Sequence[HeaderField],
    mail: Presented,
    lookups: Lookups,
    signature: Signature,
    domain: str,
) -> CheckResult:
    if signature.domain != domain:
        return _result(Result.POLICY, Reason.CHAIN_UNEVEN, domain)
    if against := objection(signature, fields, mail.at):
        return _result(Result.POLICY, against, domain)
    if not body_holds(signature, mail.body):
        return _result(Result.FAIL, Reason.BODY_CHANGED, domain)
    try:
        chain = ChainCheck(fields, mail, lookups)
        # A set that we read and the library does not see would speak, and nobody have verified it.
        verdict = chain.verify()[0] if chain.numbering() == _numbering(fields) else b"fail"
    except DnsFailureError:
        return _result(Result.TEMPERROR, Reason.DNS, domain)
    except UNREADABLE:
        return _result(Result.PERMERROR, Reason.SIGNATURE_UNREADABLE, domain)
    if verdict != b"pass":
        return _result(Result.FAIL, Reason.CHAIN_BROKEN, domain)
    return _result(Result.PASS, None, domain)


class ChainCheck(dkim.ARC):
    """dkimpy's walk over the chain, with our keys and the body hash that was streamed."""

    def __init__(self, fields: Sequence[HeaderField], mail: Presented, lookups: Lookups) -> None:
        super().__init__(logger=SILENT)
        self.headers = [(one.raw_name, one.raw_value + b"\r\n") for one in fields]
        self._mail = mail
        self._lookups = lookups

    def numbering(self) -> list[tuple[int, str]]:
        """The fields that it sees, by set: it passes over those whose number it cannot read."""
        _, seen = self.sorted_arc_headers()
        return sorted((number, name.decode()) for number, (name, _) in seen)

    def verify_instance(
        self,
        arc_headers_w_instance: list[tuple[int, tuple[bytes, bytes]]],
        instance: int,
        dnsfunc: Callable[..., bytes | None] | None = None,
    ) -> dict[str, object]:
        """From the newest down, ending at the first that fails.

        The library would go on to the oldest, and ask for keys of whoever a forger names there.
        """
        found = super().verify_instance(arc_headers_w_instance, instance, dnsfunc)
        newest = instance == max(number for number, _ in arc_headers_w_instance)
        told = b"none" if instance == 1 else b"pass"
        if not found["as-valid"] or found["cv"] != told or (newest and not found["ams-valid"]):
            raise dkim.DKIMException(f"set {instance} does not verify, or says that one does not")
        return found

    def verify_sig(
        self,
        sig: Mapping[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: Callable[..., bytes | None] | None,
    ) -> bool:
        """A seal, or a message signature; of older ones the body may have changed since."""
        if b"bh" in sig:
            written = HeaderField("arc-message-signature", sig_header[0], sig_header[1])
            try:
                signature = read_signature(written, arc=True)
            except UnreadableTagsError:
                return False
            if not body_holds(signature, self._mail.body):
                return False
        name = f"{sig[b's'].decode().lower()}._domainkey.{sig[b'd'].decode().lower()}"
        algorithm = Algorithm(sig[b"a"].decode().lower())
        try:
            key = published_key(self._lookups, name, algorithm, subdomain=False)
        except KeyFaultError:
            return False
        self.pk, self.keysize, self.ktag = key.value, key.bits, key.kind
        tags = {tag: value for tag, value in sig.items() if tag != b"bh"}
        return self.verify_sig_process(tags, include_headers, sig_header, dnsfunc)


def _reported(
    report: HeaderField, forwarder: str, replay: Reason | None
) -> tuple[CheckResult, ...]:
    """What the forwarder found: DKIM and DMARC; SPF was of its own connection."""
    try:
        read = parse_results(_INSTANCE.sub("", report.value, count=1))
    except UnclearResultsError:
        return ()
    return tuple(
        replace(one, reason=replay or "") if one.result is Result.PASS else one
        for one in check_results(read.results, source=forwarder)
        if one.method in {Method.DKIM, Method.DMARC}
    )


def _result(result: Result, reason: Reason | None, domain: str = "") -> CheckResult:
    return CheckResult(method=Method.ARC, result=result, domain=domain, reason=reason or "")
