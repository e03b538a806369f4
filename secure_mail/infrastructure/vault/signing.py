"""Signed statements: Ed25519 (RFC 8032) over canonical JSON, one domain per kind of statement."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from secure_mail.infrastructure.vault.formats import canonical

PUBLIC_KEY = "public-key"
"""Domain of the statements that make a public key acceptable."""


class Signer:
    """Signs statements with one key; `key_id` (name and version) stands beside each signature."""

    def __init__(self, key_id: str, seed: bytes) -> None:
        self.key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, domain: str, statement: Mapping[str, object]) -> bytes:
        """64 octets; a signature of one domain is none of another."""
        return self._key.sign(_message(domain, statement))

    def public(self) -> bytes:
        """The public key, 32 octets."""
        return self._key.public_key().public_bytes_raw()


def is_signed(
    public: bytes, domain: str, statement: Mapping[str, object], signature: bytes
) -> bool:
    """Whether the holder of `public` signed this statement in this domain."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, _message(domain, statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def new_seed() -> bytes:
    """The private key of a new signer, 32 octets."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def _message(domain: str, statement: Mapping[str, object]) -> bytes:
    return f"secure-mail {domain} v1\n".encode() + canonical(statement)
