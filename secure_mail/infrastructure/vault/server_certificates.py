"""What the certificate of a server shows: its names, its end, and the hash that DANE publishes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    names: tuple[str, ...]
    """DNS names, lower case; nothing else counts (RFC 9525, 6)."""
    not_before: datetime
    not_after: datetime
    key_hash: str
    """SHA-256 of its public key, as `TLSA 3 1 1` has it (RFC 7671, 5.1); lower-case hex."""

    @classmethod
    def of(cls, der: bytes) -> ServerCertificate:
        """Raises ValueError when it is none."""
        found = x509.load_der_x509_certificate(der)
        key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(
            names=tuple(name.lower() for name in _names(found)),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            key_hash=hashlib.sha256(key).hexdigest(),
        )

    def is_for(self, host: str) -> bool:
        """A wildcard stands for exactly one label, the first (RFC 9525, 6.3)."""
        parent = host.lower().partition(".")[2]
        return host.lower() in self.names or f"*.{parent}" in self.names


def _names(found: x509.Certificate) -> list[str]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return list(names.get_values_for_type(x509.DNSName))
