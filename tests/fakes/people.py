"""Passwords and codes that can be read: each says what it stands for."""

from __future__ import annotations

from datetime import datetime

STEP = 30


class PlainPasswords:
    """Counts how often it was asked, for nobody's password too."""

    def __init__(self) -> None:
        self.asked = 0

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def matches(self, password: str, encoded: str | None) -> bool:
        self.asked += 1
        return encoded == f"hash of {password}"


class PlainTotp:
    """The code is the number of the step and the secret's last sign."""

    def __init__(self) -> None:
        self._drawn = 0

    def new_secret(self) -> str:
        self._drawn += 1
        return f"SECRET{self._drawn}"

    def code(self, secret: str, now: datetime) -> str:
        return f"{int(now.timestamp()) // STEP}{secret[-1]}"

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        present = int(now.timestamp()) // STEP
        codes = {f"{step}{secret[-1]}": step for step in (present - 1, present, present + 1)}
        return codes.get(code)

    def uri(self, secret: str, email: str, issuer: str) -> str:
        return f"otpauth://totp/{issuer}:{email}?secret={secret}"
