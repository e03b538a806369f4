"""What a person typed to ask for something, as JSON that lies sealed to the worker."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.links import Audience, Declaration, StopAction
from secure_mail.domain.sealing import BrowserSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRequest:
    """Purpose REGISTRATION: `{"address", "declaration": {...}}`."""

    address: EmailAddress
    declaration: Declaration

    def to_json(self) -> bytes:
        return _dump({"address": str(self.address), "declaration": asdict(self.declaration)})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        declaration = raw["declaration"]
        return cls(
            address=EmailAddress.parse(raw["address"]),
            declaration=Declaration(
                **{**declaration, "audience": Audience(declaration["audience"])}
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWish:
    """Purpose STOP_REQUEST: `{"address", "code", "action"}`; nobody has compared the code yet."""

    address: EmailAddress
    code: str = field(repr=False)
    action: StopAction

    def to_json(self) -> bytes:
        return _dump({"address": str(self.address), "code": self.code, "action": self.action.value})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        return cls(
            address=EmailAddress.parse(raw["address"]),
            code=raw["code"],
            action=StopAction(raw["action"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """Purpose CODE_REQUEST: `{"address", "secret", "code"}`; the secret of the request's cookie."""

    address: EmailAddress
    secret: BrowserSecret
    code: str = field(default="", repr=False)
    """Drawn and put here by the worker, so that a rerun mails the same one; empty before."""

    def to_json(self) -> bytes:
        return _dump(
            {
                "address": str(self.address),
                "secret": self.secret.octets.hex(),
                "code": self.code,
            }
        )

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        return cls(
            address=EmailAddress.parse(raw["address"]),
            secret=BrowserSecret(bytes.fromhex(raw["secret"])),
            code=raw["code"],
        )


def _dump(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
