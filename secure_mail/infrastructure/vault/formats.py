"""The octets around what is sealed: versions, suites, and what each sealing is bound to.

Every sealed object begins with a format octet and a suite octet; HPKE adds its key's version (two
octets). What a sealing is bound to is never stored with it: whoever opens must say it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from uuid import UUID

from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import CannotOpenError, KeyName, Purpose

FORMAT = 1


class Suite(IntEnum):
    """How the octets after the header were made."""

    HPKE = 1
    """RFC 9180: ML-KEM-768 + X25519, HKDF-SHA-256, AES-256-GCM."""
    PART = 2
    """Cobblestone-256 (C2SP chunked encryption) under a content key."""
    BROWSER = 3
    """Cobblestone-256 under a key derived by HKDF-SHA-256 (RFC 5869) from a browser's secret."""


def length_prefixed(*fields: bytes) -> bytes:
    """Joins fields so that no two lists give the same octets: each after its length, two octets."""
    return b"".join([len(field).to_bytes(2, "big") + field for field in fields])


def hpke_info(deployment: UUID, purpose: Purpose, key: KeyName, version: int, owner: UUID) -> bytes:
    """What an HPKE sealing is bound to: the only place where `info` (RFC 9180, 5.1) is made.

    Fields in order: format version (1 octet), deployment (16), purpose, key name, key version (2),
    id of the owner (16).
    """
    return _hpke_front(deployment, purpose, key, version) + length_prefixed(owner.bytes)


@lru_cache
def _hpke_front(deployment: UUID, purpose: Purpose, key: KeyName, version: int) -> bytes:
    """The same for every value of a kind."""
    return length_prefixed(
        bytes([FORMAT]),
        deployment.bytes,
        purpose.encode(),
        key.encode(),
        version.to_bytes(2, "big"),
    )


def part_context(content: ContentId, part: PartId, label: str) -> bytes:
    """What a part is bound to; `label` sets the sub-values of one part apart."""
    return length_prefixed(bytes([FORMAT]), b"part", content.bytes, part.bytes, label.encode())


def browser_context(purpose: Purpose, owner: UUID) -> bytes:
    """What a value under a browser's secret is bound to; also sets the derived keys apart."""
    return length_prefixed(bytes([FORMAT]), b"browser", purpose.encode(), owner.bytes)


def header(suite: Suite) -> bytes:
    """The two octets in front of every sealed object."""
    return bytes([FORMAT, suite])


def body(sealed: bytes, suite: Suite) -> memoryview:
    """What stands after the header. Raises CannotOpenError for another format or suite."""
    if sealed[:2] != header(suite):
        raise CannotOpenError("not a sealed object of this kind")
    return memoryview(sealed)[2:]


def canonical(statement: Mapping[str, object]) -> bytes:
    """One spelling per statement: keys sorted, no spaces, ASCII (the JSON that is signed)."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode("ascii")
