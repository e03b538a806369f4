"""One key file per role: its secrets as JSON under AES-256-GCM with the role's wrapping key."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.vault.formats import FORMAT, canonical, length_prefixed
from secure_mail.infrastructure.vault.private_files import read_private
from secure_mail.infrastructure.vault.roles import KeyRole, Secret, SecretKind

_NONCE = 12


def path_of(key_dir: Path, role: KeyRole) -> Path:
    """Where a role's key file lies."""
    return key_dir / f"{role}.key"


def read_key_file(
    key_dir: Path, role: KeyRole, deployment: UUID, wrapping: bytes
) -> tuple[Secret, ...]:
    """The secrets of a role.

    Raises SafetyError: file open to others, wrong wrapping key, file of another role or deployment.
    """
    path = path_of(key_dir, role)
    octets = read_private(path)
    try:
        front, nonce, sealed = octets[:1], octets[1 : 1 + _NONCE], octets[1 + _NONCE :]
        plain = AESGCM(wrapping).decrypt(nonce, sealed, _bound(front, role, deployment))
    except (InvalidTag, ValueError):
        raise SafetyError(
            f"key file of role {role} does not open",
            str(path),
            "Give the wrapping key that keys init made for this file (KEY_WRAP)",
        ) from None
    return tuple(
        Secret(SecretKind(s["kind"]), s["name"], s["version"], b64decode(s["octets"]))
        for s in json.loads(plain)["secrets"]
    )


def readable_foreign_keys(key_dir: Path, roles: Iterable[KeyRole]) -> tuple[KeyRole, ...]:
    """Roles whose key file this process could read without being one of them.

    A refusal to start when roles run apart; a line of `doctor` when they share a process.
    """
    effective = os.access in os.supports_effective_ids
    return tuple(
        role
        for role in sorted(set(KeyRole) - set(roles))
        if os.access(path_of(key_dir, role), os.R_OK, effective_ids=effective)
    )


def wrapped(role: KeyRole, deployment: UUID, secrets: Iterable[Secret], wrapping: bytes) -> bytes:
    """The content of a role's key file: format octet, nonce, sealed JSON."""
    plain = canonical(
        {
            "secrets": [
                {
                    "kind": secret.kind,
                    "name": secret.name,
                    "version": secret.version,
                    "octets": b64encode(secret.octets).decode(),
                }
                for secret in secrets
            ]
        }
    )
    front, nonce = bytes([FORMAT]), os.urandom(_NONCE)
    return front + nonce + AESGCM(wrapping).encrypt(nonce, plain, _bound(front, role, deployment))


def _bound(front: bytes, role: KeyRole, deployment: UUID) -> bytes:
    return length_prefixed(front, b"key-file", role.encode(), deployment.bytes)
