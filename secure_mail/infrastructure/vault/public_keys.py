"""`public.json`: every public key of the deployment, each signed by the root key.

The pin (`KEY_PIN`) is the root public key itself, 32 octets in base64: as short as a hash of it,
and nothing more has to be trusted or looked up.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.vault.formats import FORMAT
from secure_mail.infrastructure.vault.roles import ROOT, SecretKind
from secure_mail.infrastructure.vault.signing import PUBLIC_KEY, Signer, is_signed

FILE = "public.json"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of the deployment and the root key's signature of it."""

    kind: SecretKind
    name: str
    version: int
    octets: bytes
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of its SHA-256, for people to compare."""
        return sha256(self.octets).hexdigest()[:16]

    @classmethod
    def signed(
        cls,
        root: Signer,
        deployment: UUID,
        kind: SecretKind,
        name: str,
        version: int,
        octets: bytes,
    ) -> PublicKey:
        statement = _statement(deployment, kind, name, version, octets)
        return cls(kind, name, version, octets, root.sign(PUBLIC_KEY, statement))

    def is_signed_by(self, pin: bytes, deployment: UUID) -> bool:
        """Whether the holder of the pinned root key vouches for it in this deployment."""
        statement = _statement(deployment, self.kind, self.name, self.version, self.octets)
        return is_signed(pin, PUBLIC_KEY, statement, self.signature)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What `public.json` says, verified."""

    deployment: UUID
    keys: tuple[PublicKey, ...]

    def newest(self) -> dict[str, PublicKey]:
        """For each name the key with the highest version."""
        ordered = sorted(self.keys, key=lambda key: key.version)
        return {key.name: key for key in ordered}


def write_public(deployment: UUID, keys: Iterable[PublicKey], pin: str) -> bytes:
    """The content of `public.json`; the root key stands in it for the demo and for `keys list`."""
    statement = {
        "format": FORMAT,
        "deployment": str(deployment),
        ROOT: pin,
        "keys": [
            {
                "kind": key.kind,
                "name": key.name,
                "version": key.version,
                "public": b64encode(key.octets).decode(),
                "signature": b64encode(key.signature).decode(),
            }
            for key in keys
        ],
    }
    return json.dumps(statement, indent=1).encode() + b"\n"


def read_public(key_dir: Path, pin: str) -> PublicKeys:
    """Verifies every key against the pin. Raises SafetyError at the first that does not hold."""
    path = key_dir / FILE
    root = _pinned(pin)
    try:
        found = json.loads(path.read_bytes())
        keys = PublicKeys(
            UUID(found["deployment"]),
            tuple(
                PublicKey(
                    SecretKind(key["kind"]),
                    str(key["name"]),
                    int(key["version"]),
                    b64decode(key["public"], validate=True),
                    b64decode(key["signature"], validate=True),
                )
                for key in found["keys"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as failure:
        what = f"public keys cannot be read ({type(failure).__name__})"
        raise SafetyError(what, str(path), "Run secure-mail keys init, or restore it") from None
    for key in keys.keys:
        if not key.is_signed_by(root, keys.deployment):
            what = f"public key {key.name!r} is not signed by the pinned root key"
            raise SafetyError(what, str(path), "Restore it, or correct KEY_PIN")
    return keys


def pin_beside(key_dir: Path) -> str:
    """The root key as `public.json` itself names it: trusted in the demo only."""
    path = key_dir / FILE
    try:
        return str(json.loads(path.read_bytes())[ROOT])
    except (OSError, ValueError, KeyError, TypeError):
        raise SafetyError("no public keys", str(path), "Run secure-mail keys init") from None


def _pinned(pin: str) -> bytes:
    try:
        root = b64decode(pin.strip(), validate=True)
    except ValueError:
        root = b""
    if len(root) != 32:
        raise SafetyError(
            "not 32 octets in base64", "KEY_PIN", "Set what secure-mail keys init printed"
        )
    return root


def _statement(
    deployment: UUID, kind: SecretKind, name: str, version: int, octets: bytes
) -> dict[str, object]:
    return {
        "deployment": str(deployment),
        "kind": kind,
        "name": name,
        "version": version,
        "public": b64encode(octets).decode(),
    }
