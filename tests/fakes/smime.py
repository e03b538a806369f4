"""S/MIME without cryptography: a signature is the signers' names and the hash, in the open."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from secure_mail.application.ports.smime import Signature, Verified, Wrapping
from secure_mail.infrastructure.smime.entity import Entity, opaque_part, signed_parts, unwrapped
from tests.smime_made import HEADER, multipart, pkcs7


class FakeSmime:
    """Both ports; `opens` are the names of keys that it decrypts with."""

    def __init__(self, *opens: str) -> None:
        self.opens = opens
        self.available = True

    def wrapping(self, raw: bytes) -> Wrapping:
        message = Entity.parse(raw)
        if message is None:
            return Wrapping.NONE
        if signed_parts(message):
            return Wrapping.SIGNED
        return Wrapping.ENCRYPTED if opaque_part(message) else Wrapping.NONE

    def verify(self, raw: bytes, certificates: Sequence[str]) -> Verified:
        message = Entity.parse(raw)
        parts = signed_parts(message) if message else None
        if message is None or parts is None or parts.content is None:
            return Verified(state=Signature.ABSENT)
        if not self.available:
            return Verified(state=Signature.UNAVAILABLE)
        try:
            said = json.loads(parts.signature)
        except ValueError:
            return Verified(state=Signature.INVALID)
        if said["weak"]:
            return Verified(state=Signature.WEAK)
        pinned = said["signers"] and set(said["signers"]) <= {*certificates}
        content = unwrapped(message, parts.content)
        if not pinned or said["hash"] != sha256(parts.content).hexdigest() or content is None:
            return Verified(state=Signature.INVALID)
        at = datetime.fromisoformat(said["at"]) if said["at"] else None
        return Verified(state=Signature.VALID, content=content, signed_at=at)

    def decrypt(self, raw: bytes) -> bytes | None:
        message = Entity.parse(raw)
        octets = opaque_part(message) if message else None
        if message is None or octets is None or not self.available:
            return None
        said = json.loads(octets)
        return unwrapped(message, b64decode(said["inside"])) if said["to"] in self.opens else None


def signed(
    content: bytes,
    *signers: str,
    at: datetime | None = None,
    header: bytes = HEADER,
    weak: bool = False,
) -> bytes:
    said = {
        "signers": signers,
        "hash": sha256(content).hexdigest(),
        "at": at.isoformat() if at else None,
        "weak": weak,
    }
    return multipart(content, json.dumps(said).encode(), header)


def encrypted(content: bytes, to: str, header: bytes = HEADER) -> bytes:
    said = {"to": to, "inside": b64encode(content).decode()}
    return pkcs7(json.dumps(said).encode(), "enveloped-data", header)
