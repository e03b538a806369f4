"""`keys init` and `keys init --add`: making the keys of a deployment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from uuid import UUID, uuid4

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.sealing import KeyName
from secure_mail.infrastructure.vault import public_keys
from secure_mail.infrastructure.vault.key_files import (
    path_of,
    read_key_file,
    wrapped,
)
from secure_mail.infrastructure.vault.key_pairs import PrivatePair
from secure_mail.infrastructure.vault.private_files import replace, write_new
from secure_mail.infrastructure.vault.public_keys import PublicKey, read_public, write_public
from secure_mail.infrastructure.vault.roles import (
    DOORS,
    MACS,
    PAIRS,
    QUEUE_HOLDER,
    ROOT,
    SIGNING,
    KeyRole,
    Secret,
    SecretKind,
)
from secure_mail.infrastructure.vault.signing import Signer, new_seed
from secure_mail.infrastructure.vault.wrapping import (
    BESIDE_ONE,
    CommandKeys,
    WrappingKeys,
    beside,
    encoded,
)

_FIRST = 1
_READABLE = 0o644
"""Mode of `public.json`: nothing secret, and believed only for its signatures."""


@dataclass(frozen=True, slots=True)
class NewKeys:
    """What an operator must be told after `keys init`."""

    deployment: UUID
    pin: str
    """Goes into `KEY_PIN` of every process."""
    wrapping_files: tuple[Path, ...]
    """To be moved away from the key folder (but for the demo's)."""


def init_keys(key_dir: Path, queues: Iterable[KeyName], *, demo: bool = False) -> NewKeys:
    """Makes every key of a deployment: one file per role, wrapped, and `public.json` as the last.

    `queues` are the names of the key pairs of the rules file (`queue_key`). Raises SafetyError when
    there are keys already; what an interrupted run has made is removed again.
    """
    if any(key_dir.glob("*.key")) or (key_dir / public_keys.FILE).exists():
        raise SafetyError("there are keys already", str(key_dir), "Add to them with --add")
    deployment, secrets = uuid4(), _first_secrets(queues)
    (root_secret,) = secrets[KeyRole.ROOT]
    root = Signer(ROOT, root_secret.octets)
    pin = encoded(root.public())
    one = os.urandom(32)
    wrapping = {role: one if demo else os.urandom(32) for role in KeyRole}
    beside_them = (
        {key_dir / BESIDE_ONE: one}
        if demo
        else {key_dir / beside(role): key for role, key in wrapping.items()}
    )
    files = {path: encoded(key).encode() + b"\n" for path, key in beside_them.items()}
    for role in KeyRole:
        content = wrapped(role, deployment, secrets[role], wrapping[role])
        files[path_of(key_dir, role)] = content
    signed = _signed(root, deployment, (s for role in KeyRole for s in secrets[role]))
    public = write_public(deployment, signed, pin)
    _write_all(files, key_dir / public_keys.FILE, public)
    return NewKeys(deployment, pin, tuple(beside_them))


def add_queue_keys(
    key_dir: Path, pin: str, queues: Iterable[KeyName], wrapping: WrappingKeys
) -> tuple[KeyName, ...]:
    """Makes the key pairs that a later rules file names and the deployment lacks; tells which.

    Needs the wrapping keys of the roles root and staff. The private halves are written first: a
    public key without its private half would seal what nobody opens. Raises SafetyError.
    """
    public = read_public(key_dir, pin)
    missing = tuple(dict.fromkeys(name for name in queues if name not in public.newest()))
    if not missing:
        return ()
    (root_secret,) = read_key_file(
        key_dir, KeyRole.ROOT, public.deployment, wrapping.of(KeyRole.ROOT)
    )
    staff_wrapping = wrapping.of(QUEUE_HOLDER)
    held = read_key_file(key_dir, QUEUE_HOLDER, public.deployment, staff_wrapping)
    known = {secret.name for secret in held}
    new = tuple(_new_pair(name) for name in missing if name not in known)
    content = wrapped(QUEUE_HOLDER, public.deployment, held + new, staff_wrapping)
    replace(path_of(key_dir, QUEUE_HOLDER), content)
    root = Signer(ROOT, root_secret.octets)
    added = (secret for secret in held + new if secret.name in missing)
    keys = public.keys + _signed(root, public.deployment, added)
    replace(key_dir / public_keys.FILE, write_public(public.deployment, keys, pin), _READABLE)
    return missing


def add_role_files(key_dir: Path, pin: str, wrapping: WrappingKeys) -> tuple[KeyRole, ...]:
    """Makes the key file of every door that a later version added; tells which.

    Needs the wrapping key of the role web, whose secrets every door shares. A new file's wrapping
    key is made too, beside it, unless one wrapping key serves all. Raises SafetyError.
    """
    missing = tuple(
        role for role in KeyRole if role in DOORS and not path_of(key_dir, role).exists()
    )
    if not missing:
        return ()
    deployment = read_public(key_dir, pin).deployment
    shared = read_key_file(key_dir, KeyRole.WEB, deployment, wrapping.of(KeyRole.WEB))
    for role in missing:
        try:
            key = wrapping.of(role)
        except SafetyError:
            if isinstance(wrapping, CommandKeys):
                raise
            key = os.urandom(32)
            write_new(key_dir / beside(role), encoded(key).encode() + b"\n")
        write_new(path_of(key_dir, role), wrapped(role, deployment, shared, key))
    return missing


def _first_secrets(queues: Iterable[KeyName]) -> dict[KeyRole, list[Secret]]:
    secrets: dict[KeyRole, list[Secret]] = {role: [] for role in KeyRole}
    for name, holders in MACS.items():
        secret = Secret(SecretKind.MAC, name, _FIRST, os.urandom(32))
        for role in holders:
            secrets[role].append(secret)
    for name, role in SIGNING.items():
        secrets[role].append(Secret(SecretKind.SIGNING, name, _FIRST, new_seed()))
    for pair, role in (PAIRS | dict.fromkeys(queues, QUEUE_HOLDER)).items():
        secrets[role].append(_new_pair(pair))
    return secrets


def _new_pair(name: KeyName) -> Secret:
    return Secret(SecretKind.PAIR, name, _FIRST, PrivatePair.generate().octets)


def _signed(root: Signer, deployment: UUID, secrets: Iterable[Secret]) -> tuple[PublicKey, ...]:
    """The public half of each secret that has one, vouched for by the root key."""
    return tuple(
        PublicKey.signed(root, deployment, secret.kind, secret.name, secret.version, octets)
        for secret in secrets
        if secret.name != ROOT and (octets := _public_half(secret)) is not None
    )


def _public_half(secret: Secret) -> bytes | None:
    match secret.kind:
        case SecretKind.PAIR:
            return PrivatePair(secret.octets).public()
        case SecretKind.SIGNING:
            return Signer(secret.name, secret.octets).public()
        case SecretKind.MAC:
            return None
        case _:
            assert_never(secret.kind)


def _write_all(files: dict[Path, bytes], last: Path, public: bytes) -> None:
    """Writes every file or none: a half-made key folder could be neither used nor made again."""
    if any(path.exists() for path in files):
        raise SafetyError("there are wrapping keys already", str(last.parent), "Move them away")
    try:
        last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, content in files.items():
            write_new(path, content)
        write_new(last, public, _READABLE)
    except OSError as failure:
        for path in (*files, last):
            with suppress(OSError):
                path.unlink()
        what = f"keys cannot be written ({type(failure).__name__})"
        raise SafetyError(what, str(last.parent), "Correct KEY_DIR or its rights") from None
