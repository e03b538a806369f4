"""Key pairs as octets: the hybrid classes of the library have no serialisation of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from secure_mail.application.ports.safety import SafetyError

HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_SEED = 64
_ENCAPSULATION_KEY = 1184


@dataclass(frozen=True, slots=True)
class PrivatePair:
    """ML-KEM-768 seed (64 octets, FIPS 203) and X25519 private key (32)."""

    octets: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> PrivatePair:
        try:
            lattice = MLKEM768PrivateKey.generate()
        except UnsupportedAlgorithm:
            raise SafetyError(
                "ML-KEM is missing", "the cryptography package", "Install the wheel of PyPI"
            ) from None
        return cls(lattice.private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw())

    def key(self) -> MLKEM768X25519PrivateKey:
        """Raises ValueError when the octets are no key."""
        return MLKEM768X25519PrivateKey(
            MLKEM768PrivateKey.from_seed_bytes(self.octets[:_SEED]),
            X25519PrivateKey.from_private_bytes(self.octets[_SEED:]),
        )

    def public(self) -> bytes:
        """The public half as octets: ML-KEM encapsulation key (1,184), X25519 public key (32)."""
        lattice = MLKEM768PrivateKey.from_seed_bytes(self.octets[:_SEED])
        curve = X25519PrivateKey.from_private_bytes(self.octets[_SEED:])
        return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def public_key(octets: bytes) -> MLKEM768X25519PublicKey:
    """Reads what `PrivatePair.public` gave. Raises ValueError."""
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(octets[:_ENCAPSULATION_KEY]),
        X25519PublicKey.from_public_bytes(octets[_ENCAPSULATION_KEY:]),
    )
