"""What a door saw of a sender: facts only, judged later by one table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Facts taken at the door; sealed to the worker with the message. Shapes are JSON's own."""

    envelope_sender: str | None = field(default=None, repr=False)
    header_from: tuple[str, ...] = field(default=(), repr=False)
    """Every address of every From header, in order."""
    helo: str | None = field(default=None, repr=False)
    peer: str | None = field(default=None, repr=False)
    """Address of the client that connected (or that a trusted relay named)."""
    tls: bool = False
    tls_version: str | None = None
    relayed: bool = False
    """The peer is in SMTP_TRUSTED_RELAYS: `network` can then not hold."""
    checks: tuple[str, ...] = ()
    """Partner checks that held at the door: tls, network."""
    partner: str | None = None
    """Id of the partner those checks prove, as text."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        raw["header_from"] = tuple(raw["header_from"])
        raw["checks"] = tuple(raw["checks"])
        return cls(**raw)
