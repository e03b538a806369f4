"""The public key of a signature, as dkimpy takes it, if it is one that we accept."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

import dkim

from secure_mail.domain.authentication import Reason
from secure_mail.domain.signature_keys import KeyFaultError, key_record
from secure_mail.domain.signatures import Algorithm
from secure_mail.infrastructure.sender_auth.lookups import Lookups

MIN_RSA_BITS = 1024
"""RFC 8301, 3.2: shorter keys must not count. Many senders still have no longer one."""
MAX_RSA_BITS = 4096
MAX_EXPONENT_BITS = 64
"""With larger ones the sender would decide how long we calculate."""
UNREADABLE = (dkim.DKIMException, ValueError, LookupError, TypeError, ArithmeticError)
"""What the library raises when octets are not what it takes them for."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Of one signature."""

    value: object = field(repr=False)
    bits: int
    kind: bytes


def published_key(
    lookups: Lookups, name: str, algorithm: Algorithm, *, subdomain: bool
) -> PublicKey:
    """Raises KeyFaultError, DnsFailureError."""
    record = key_record(lookups.txt(name), algorithm, subdomain=subdomain)
    if record.in_test:
        raise KeyFaultError(Reason.KEY_IN_TEST)
    plain = f"k={record.kind}; p=".encode() + b64encode(record.material)
    try:
        value, bits, kind, _ = dkim.evaluate_pk(name.encode(), plain)
    except UNREADABLE:
        raise KeyFaultError(Reason.KEY_UNREADABLE) from None
    if isinstance(value, dict):
        _refuse_size(bits, int(value["publicExponent"]))
    return PublicKey(value, bits, kind)


def _refuse_size(bits: int, exponent: int) -> None:
    if bits < MIN_RSA_BITS:
        raise KeyFaultError(Reason.KEY_TOO_SHORT)
    if bits > MAX_RSA_BITS or exponent.bit_length() > MAX_EXPONENT_BITS:
        raise KeyFaultError(Reason.KEY_TOO_LONG)
    if exponent < 3:
        raise KeyFaultError(Reason.KEY_UNREADABLE)
