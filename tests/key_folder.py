"""A real key folder for tests, as `keys init` leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from secure_mail.domain.sealing import queue_key
from secure_mail.infrastructure.vault.key_making import NewKeys, init_keys
from secure_mail.infrastructure.vault.key_ring import KeyRing
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import KeysBeside

RECOVERY = queue_key("recovery")
TRIAGE = queue_key("triage")


@dataclass(frozen=True)
class KeyFolder:
    path: Path
    new: NewKeys

    def ring(self, *roles: KeyRole) -> KeyRing:
        return KeyRing.load(self.path, self.new.pin, roles, KeysBeside(self.path))


def make(path: Path, *, demo: bool = False) -> KeyFolder:
    return KeyFolder(path, init_keys(path, [RECOVERY, TRIAGE], demo=demo))
