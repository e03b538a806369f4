"""What a door saw of a sender: facts only, judged later by one table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Self

from secure_mail.domain.authentication import CheckResult, Method, Result


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
    certificate: str | None = None
    """SHA-256 of the client certificate (DER), lower-case hex; the handshake proved its key."""
    results: tuple[CheckResult, ...] = ()
    """What sender authentication found, in the order of the checks."""
    checks: tuple[str, ...] = ()
    """Partner checks that held at the door: values of `partners.Check`."""
    partner: str | None = None
    """Id, as text, of the partner that owns envelope sender and author: proved by `checks` only."""
    replayed: bool = False
    """Signed for somebody else, or long ago: a person decides."""
    bounced: str | None = None
    """Name of the mail of ours (`bounces.MailName`) whose bounce address the recipient was."""

    def to_json(self) -> bytes:
        # Not `asdict` for the whole: it copies every value, and this is done for every arrival.
        facts = {name: getattr(self, name) for name in _NAMES}
        facts["results"] = [asdict(result) for result in self.results]
        return _WRITER.encode(facts).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        raw["header_from"] = tuple(raw["header_from"])
        raw["checks"] = tuple(raw["checks"])
        raw["results"] = tuple(map(_result, raw.get("results", ())))
        return cls(**raw)


_NAMES = tuple(known.name for known in fields(Evidence))
_WRITER = json.JSONEncoder(ensure_ascii=False)


def _result(raw: dict[str, str]) -> CheckResult:
    return CheckResult(
        method=Method(raw["method"]),
        result=Result(raw["result"]),
        domain=raw["domain"],
        reason=raw["reason"],
        selector=raw["selector"],
        source=raw["source"],
    )
