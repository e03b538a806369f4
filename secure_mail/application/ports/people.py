"""Proving that a member of staff is who they say."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Passwords(Protocol):
    def hash(self, password: str) -> str:
        """Argon2id, encoded with its parameters (RFC 9106)."""
        ...

    def matches(self, password: str, encoded: str | None) -> bool:
        """Takes as long for a missing hash as for a wrong password."""
        ...


class Totp(Protocol):
    def new_secret(self) -> str:
        """Base32, 160 bits."""
        ...

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """The time step the code belongs to (one either side accepted), or None (RFC 6238)."""
        ...

    def uri(self, secret: str, email: str, issuer: str) -> str:
        """`otpauth://` address for an authenticator."""
        ...
