"""Judges every DKIM signature of a message by the policy of the domain; dkimpy does the sums.

A key is asked for only where it can prove something: else the sender would choose whose DNS we
wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from hmac import compare_digest

import dkim

from secure_mail.application.ports.sender_auth import Presented
from secure_mail.domain.authentication import (
    BodyHashes,
    CheckResult,
    Method,
    Reason,
    Result,
)
from secure_mail.domain.proofs import MAX_SIGNATURES, replay_of
from secure_mail.domain.signature_keys import KeyFaultError
from secure_mail.domain.signatures import (
    Canonical,
    Signature,
    UnreadableTagsError,
    objection,
    read_signature,
)
from secure_mail.domain.trace_headers import HeaderField, named
from secure_mail.infrastructure.sender_auth.keys import UNREADABLE, PublicKey, published_key
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError, Lookups

BY_POLICY = frozenset({Reason.KEY_TOO_SHORT, Reason.KEY_TOO_LONG, Reason.KEY_IN_TEST})
SILENT = logging.getLogger("dkim.unheard")
"""dkimpy would log what it reads."""
SILENT.disabled = True


def judge_signatures(
    fields: Sequence[HeaderField],
    mail: Presented,
    lookups: Lookups,
    can_prove: Callable[[str], bool],
) -> tuple[CheckResult, ...]:
    """One result per signature, those first that can matter; one `none` where there are none.

    `can_prove`: whether a signature of a domain may say anything of the author.
    """
    written = named(fields, "dkim-signature")
    if not written:
        return (_result(Result.NONE, Reason.UNSIGNED),)
    read = [(one, _read(one)) for one in written]
    # Junk on top must not keep the one signature that counts from being looked at.
    read.sort(key=lambda pair: pair[1] is None or pair[1].domain not in mail.signers)
    return tuple(
        _judged(one, signature, fields, mail, lookups, can_prove)
        for one, signature in read[:MAX_SIGNATURES]
    )


def body_holds(signature: Signature, body: BodyHashes | None) -> bool:
    """Whether `bh=` is the hash of the body that came."""
    if body is None:
        return False
    came = body.relaxed if signature.body_form is Canonical.RELAXED else body.simple
    return compare_digest(came, signature.body_hash)


class HeaderCheck(dkim.DKIM):
    """Verifies the header part of one signature; the body was hashed while it streamed past."""

    def __init__(self, fields: Sequence[HeaderField], signature: Signature, key: PublicKey) -> None:
        super().__init__(logger=SILENT)
        names = set(signature.names)
        # The library walks over all fields for every name: it is given those that are named.
        self.headers = [
            (one.raw_name, one.raw_value + b"\r\n") for one in fields if one.name in names
        ]
        self.pk, self.keysize, self.ktag = key.value, key.bits, key.kind
        self._signature = signature

    def holds(self, written: HeaderField) -> bool:
        signature = self._signature
        # Without `bh` the library does not ask for the body.
        tags = {
            b"a": signature.algorithm.encode(),
            b"b": signature.tags["b"].encode(),
            b"c": f"{signature.header_form}/{signature.body_form}".encode(),
        }
        names = [name.encode() for name in signature.names]
        try:
            return self.verify_sig_process(
                tags, names, (written.raw_name, written.raw_value + b"\r\n"), None
            )
        except UNREADABLE:
            return False


def _read(written: HeaderField) -> Signature | None:
    try:
        return read_signature(written)
    except UnreadableTagsError:
        return None


def _judged(
    written: HeaderField,
    signature: Signature | None,
    fields: Sequence[HeaderField],
    mail: Presented,
    lookups: Lookups,
    can_prove: Callable[[str], bool],
) -> CheckResult:
    if signature is None:
        return _result(Result.PERMERROR, Reason.SIGNATURE_UNREADABLE)
    if against := objection(signature, fields, mail.at):
        return _result(Result.POLICY, against, signature)
    if not body_holds(signature, mail.body):
        return _result(Result.FAIL, Reason.BODY_CHANGED, signature)
    if not can_prove(signature.domain):
        return _result(Result.NEUTRAL, Reason.OTHER_SIGNER, signature)
    try:
        key = published_key(
            lookups, signature.key_name, signature.algorithm, subdomain=signature.subdomain
        )
    except DnsFailureError:
        return _result(Result.TEMPERROR, Reason.DNS, signature)
    except KeyFaultError as fault:
        result = Result.POLICY if fault.reason in BY_POLICY else Result.PERMERROR
        return _result(result, fault.reason, signature)
    if not HeaderCheck(fields, signature, key).holds(written):
        return _result(Result.FAIL, Reason.SIGNATURE_WRONG, signature)
    return _result(Result.PASS, replay_of(signature, fields, mail.recipients, mail.at), signature)


def _result(
    result: Result, reason: Reason | None, signature: Signature | None = None
) -> CheckResult:
    return CheckResult(
        method=Method.DKIM,
        result=result,
        domain=signature.domain if signature else "",
        reason=reason or "",
        selector=signature.selector if signature else "",
    )
