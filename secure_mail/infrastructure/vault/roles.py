"""Which secrets each role holds: the table of the threat model, as code."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from secure_mail.domain.sealing import INTAKE, REPLIES, STAFF, WORKER, KeyName


class KeyRole(StrEnum):
    """A role with a key file of its own, `<role>.key`."""

    WEB = "web"
    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    READING = "reading"
    WORKER = "worker"
    STAFF = "staff"
    SCHEDULER = "scheduler"
    ROOT = "root"
    """Signs public keys; needed by `keys init`, `rotate` and `export` only."""


class SecretKind(StrEnum):
    """How the octets of a secret are used."""

    PAIR = "ml-kem-768-x25519"
    MAC = "hmac-sha-256"
    SIGNING = "ed25519"


DOORS = frozenset({KeyRole.WEB, KeyRole.SMTP, KeyRole.LMTP, KeyRole.IMAP})
"""Roles that take messages in: the same secrets each, and no private key."""
DEDUPE = "dedupe"
OWN_MAIL = "own-mail"
LINK = "link"
INDEX = "index"
STOP = "stop"
RECEIPT = "receipt"
AUDIT = "audit"
ROOT = "root"

MACS: dict[str, frozenset[KeyRole]] = {
    # `reading` limits code requests by network, with the digest that the other doors use.
    DEDUPE: frozenset({*DOORS, KeyRole.READING}),
    OWN_MAIL: frozenset({*DOORS, KeyRole.WORKER}),
    LINK: frozenset({KeyRole.WORKER}),
    INDEX: frozenset({KeyRole.WORKER, KeyRole.STAFF}),
    STOP: frozenset({KeyRole.WORKER}),
}
SIGNING: dict[str, KeyRole] = {
    RECEIPT: KeyRole.WORKER,
    AUDIT: KeyRole.SCHEDULER,
    ROOT: KeyRole.ROOT,
}
PAIRS: dict[KeyName, KeyRole] = {
    INTAKE: KeyRole.WORKER,
    WORKER: KeyRole.WORKER,
    REPLIES: KeyRole.READING,
    STAFF: KeyRole.STAFF,
}
QUEUE_HOLDER = KeyRole.STAFF
"""Holds the private half of every `queue:NAME`."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a role's key file; never prints itself."""

    kind: SecretKind
    name: str
    version: int
    octets: bytes = field(repr=False)
