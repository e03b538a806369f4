"""Where the wrapping key of a role comes from: a value, a command, or (demo, set-up) beside."""

from __future__ import annotations

import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.vault.private_files import read_private
from secure_mail.infrastructure.vault.roles import KeyRole

COMMAND_SECONDS = 10
BESIDE_ONE = "demo.wrap"
"""The single wrapping key of a demo's key folder."""


class WrappingKeys(Protocol):
    """Gives the 32 octets under which a role's key file is wrapped."""

    def of(self, role: KeyRole) -> bytes:
        """Raises SafetyError when there is none; never says what was found instead."""
        ...


def beside(role: KeyRole) -> str:
    """Name of the file in which `keys init` leaves a role's wrapping key, to be moved away."""
    return f"{role}.wrap"


def encoded(key: bytes) -> str:
    """Base64, one line: the form in which a wrapping key is handed over."""
    return b64encode(key).decode()


class GivenKeys:
    """Parses `KEY_WRAP`: one base64 value for every role, or `role=base64,role=base64`."""

    def __init__(self, value: str) -> None:
        self._one, self._each = _parsed(value)

    def of(self, role: KeyRole) -> bytes:
        text = self._one if self._one is not None else self._each.get(role)
        if text is None:
            raise SafetyError(f"no wrapping key for role {role}", "KEY_WRAP", f"Add {role}=BASE64")
        return _decoded(text.encode(), "KEY_WRAP")


def _parsed(value: str) -> tuple[str | None, Mapping[str, str]]:
    pairs = [item.strip().partition("=") for item in value.split(",")]
    each = {name: text for name, _, text in pairs if name in set(KeyRole)}
    if len(each) == len(pairs):
        return None, each
    if len(pairs) > 1 or each:
        raise SafetyError(
            "a wrapping key that is not base64 or role=base64", "KEY_WRAP", "Correct it"
        )
    return value, {}


class CommandKeys:
    """Runs `KEY_WRAP_COMMAND` with the role's name as last argument; it prints base64."""

    def __init__(self, command: Sequence[str], seconds: float = COMMAND_SECONDS) -> None:
        self._command = tuple(command)
        self._seconds = seconds

    def of(self, role: KeyRole) -> bytes:
        try:
            ended = subprocess.run(  # noqa: S603 - an argument list of the operator, no shell
                [*self._command, role],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise self._failed(role, type(failure).__name__) from None
        if ended.returncode != 0:
            raise self._failed(role, f"exit {ended.returncode}")
        return _decoded(ended.stdout, "what KEY_WRAP_COMMAND printed")

    def _failed(self, role: KeyRole, how: str) -> SafetyError:
        what = f"the wrapping-key command failed for role {role} ({how})"
        return SafetyError(what, "KEY_WRAP_COMMAND", "Run it by hand and correct it")


class KeysBeside:
    """Reads what `keys init` left in the key folder: the demo, and set-up before it is moved."""

    def __init__(self, key_dir: Path) -> None:
        self._key_dir = key_dir

    def of(self, role: KeyRole) -> bytes:
        one = self._key_dir / BESIDE_ONE
        path = one if one.exists() else self._key_dir / beside(role)
        return _decoded(read_private(path), str(path))


def wrapping_keys_beside(key_dir: Path) -> tuple[Path, ...]:
    """Wrapping keys that still lie beside what they protect: a warning of `doctor`."""
    return tuple(sorted(key_dir.glob("*.wrap")))


def _decoded(text: bytes, where: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SafetyError("a wrapping key that is not 32 octets in base64", where, "Correct it")
    return key
