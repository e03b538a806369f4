"""The public half of a key that signs mail, as a receiver looks for it in DNS."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """Of an RSA or Ed25519 key."""

    kind: str
    """`k=`: `rsa` or `ed25519`."""
    material: bytes
    """`p=`: SubjectPublicKeyInfo in DER (RFC 6376, 3.6.1), or the 32 octets alone (RFC 8463, 4)."""

    @property
    def record(self) -> str:
        return f"v=DKIM1; k={self.kind}; p={b64encode(self.material).decode()}"


def public_half(pem: bytes) -> PublicHalf:
    """Of a private key that `mailer.dkim_signing` takes. Raises ValueError for one it does not."""
    key = load_pem_private_key(pem, password=None)
    if isinstance(key, Ed25519PrivateKey):
        return PublicHalf("ed25519", key.public_key().public_bytes_raw())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicHalf("rsa", der)
