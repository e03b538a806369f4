"""Passwords under Argon2id (RFC 9106)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY


class Argon2Passwords:
    """The second recommended option of RFC 9106, section 4: 64 MiB, three passes, four lanes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, password: str, encoded: str | None) -> bool:
        try:
            self._hasher.verify(encoded or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return encoded is not None
