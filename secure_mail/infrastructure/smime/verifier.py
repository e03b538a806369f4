"""The ports `SmimeVerifier` and `SmimeDecrypter`, by openssl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from secure_mail.application.ports.smime import Signature, Verified, Wrapping
from secure_mail.infrastructure.smime import cms
from secure_mail.infrastructure.smime.entity import (
    Entity,
    Signed,
    opaque_part,
    signed_parts,
    unwrapped,
)
from secure_mail.infrastructure.smime.openssl import OpenSsl, UnavailableError

# Signers are looked for among the given certificates alone, and no issuer is asked.
_VERIFY = (
    "cms",
    "-verify",
    "-inform",
    "DER",
    "-binary",
    "-nointern",
    "-noverify",
    "-certfile",
    "pins",
)
_DECRYPT = (
    "cms",
    "-decrypt",
    "-inform",
    "DER",
    "-binary",
    "-inkey",
    "key",
    "-recip",
    "certificate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSslVerifier:
    """Exactly the given certificates, over exactly the octets that came."""

    openssl: OpenSsl = field(default_factory=OpenSsl)

    def wrapping(self, raw: bytes) -> Wrapping:
        message = Entity.parse(raw)
        if message is None:
            return Wrapping.NONE
        if signed_parts(message):
            return Wrapping.SIGNED
        octets = opaque_part(message)
        try:
            kind = cms.content_type(octets) if octets else b""
        except cms.MalformedError:
            return Wrapping.NONE
        if kind in cms.ENCRYPTED:
            return Wrapping.ENCRYPTED
        return Wrapping.SIGNED if kind == cms.SIGNED_DATA else Wrapping.NONE

    def verify(self, raw: bytes, certificates: Sequence[str]) -> Verified:
        message = Entity.parse(raw)
        signed = _signed(message) if message else None
        if message is None or signed is None:
            return Verified(state=Signature.ABSENT)
        try:
            facts = cms.signed_facts(signed.signature)
        except cms.MalformedError:
            return Verified(state=Signature.INVALID)
        if not facts.of_data or facts.has_content is not (signed.content is None):
            return Verified(state=Signature.INVALID)
        if not facts.strong:
            return Verified(state=Signature.WEAK)
        if not certificates:
            return Verified(state=Signature.INVALID)
        try:
            inside = self._inside(signed, certificates)
        except UnavailableError:
            return Verified(state=Signature.UNAVAILABLE)
        content = None if inside is None else unwrapped(message, inside)
        if content is None:
            return Verified(state=Signature.INVALID)
        return Verified(state=Signature.VALID, content=content, signed_at=facts.signed_at)

    def _inside(self, signed: Signed, certificates: Sequence[str]) -> bytes | None:
        """What was signed, if it was. Raises UnavailableError."""
        files = {"pins": "".join(certificates).encode()}
        if signed.content is None:
            return self.openssl.run(_VERIFY, signed.signature, files)
        files["content"] = signed.content
        words = (*_VERIFY, "-content", "content", "-out", "/dev/null")
        done = self.openssl.run(words, signed.signature, files)
        return None if done is None else signed.content


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSslDecrypter:
    """With the key that partners encrypt to."""

    key: bytes = field(repr=False)
    """PEM, without a passphrase."""
    certificate: bytes = field(repr=False)
    openssl: OpenSsl = field(default_factory=OpenSsl)

    def decrypt(self, raw: bytes) -> bytes | None:
        message = Entity.parse(raw)
        octets = opaque_part(message) if message else None
        if message is None or octets is None:
            return None
        files = {"key": self.key, "certificate": self.certificate}
        try:
            inside = self.openssl.run(_DECRYPT, octets, files)
        except UnavailableError:
            return None
        return None if inside is None else unwrapped(message, inside)


def _signed(message: Entity) -> Signed | None:
    parts = signed_parts(message)
    if parts:
        return parts
    octets = opaque_part(message)
    try:
        is_signed = octets is not None and cms.content_type(octets) == cms.SIGNED_DATA
    except cms.MalformedError:
        return None
    return Signed(octets, None) if octets is not None and is_signed else None
