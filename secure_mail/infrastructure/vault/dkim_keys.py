"""The public half of a key that signs mail, as a receiver looks for it in DNS."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
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

    older: bytes = b""
    """The same in PKCS#1, which not every receiver reads."""

    @property
    def record(self) -> str:
        return f"v=DKIM1; k={self.kind}; p={b64encode(self.material).decode()}"


def rsa_half(pem: bytes) -> PublicHalf:
    """Of an RSA private key in PEM. Raises ValueError."""
    try:
        key = load_pem_private_key(pem, password=None).public_key()
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a plain RSA key") from error
    der, older = (
        key.public_bytes(Encoding.DER, form)
        for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    )
    return PublicHalf("rsa", der, older)


def ed25519_half(seed: bytes) -> PublicHalf:
    """Of the 32 octets of an Ed25519 private key."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return PublicHalf("ed25519", key.public_key().public_bytes_raw())
