"""Cuts S/MIME out of the octets as they came, and puts what was inside in its place.

What openssl is given and what is read afterwards are the same octets: two parsers that disagree on
where a part ends would let one text be verified and another be shown.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from secure_mail.infrastructure.mime.headers import main_value, parameters

SECTION = 256 * 1024
"""Octets of a header section; as the parser's precheck."""
_FIELD = re.compile(rb"[!-9;-~]+:")
_BARE = re.compile(rb"\0|\r(?!\n)|(?<!\r)\n")
_UNFOLDED = re.compile(rb"\r\n(?![ \t])")
_DETACHED = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Entity:
    """Header fields, folded as they came, and the body."""

    fields: tuple[bytes, ...] = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def parse(cls, octets: bytes) -> Entity | None:
        """None when programs could read its header in more than one way."""
        start = 0 if octets.startswith(b"\r\n") else octets.find(b"\r\n\r\n", 0, SECTION) + 2
        if start == 1:
            return None
        section = octets[:start]
        if _BARE.search(section):
            return None
        fields = tuple(line for line in _UNFOLDED.split(section) if line)
        return cls(fields, octets[start + 2 :])

    def value(self, name: bytes) -> bytes | None:
        """The value of a header that stands once at most; b"" when absent, None when twice."""
        found = [
            value
            for known, _, value in (line.partition(b":") for line in self.fields)
            if known.strip().lower() == name
        ]
        return None if len(found) > 1 else next(iter(found), b"").strip()

    @property
    def media_type(self) -> str:
        return main_value(self.value(b"content-type") or b"")

    def decoded(self) -> bytes | None:
        """The body without its transfer encoding; None when that is unsound."""
        match main_value(self.value(b"content-transfer-encoding") or b""):
            case "base64":
                try:
                    return b64decode(self.body.translate(None, _BLANK), validate=True)
                except Base64Error:
                    return None
            case "" | "7bit" | "8bit" | "binary":
                return self.body
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature (CMS), and what it is of; `content` is None when it lies inside the signature."""

    signature: bytes = field(repr=False)
    content: bytes | None = field(repr=False)


def signed_parts(message: Entity) -> Signed | None:
    """The two parts of a `multipart/signed` message (RFC 1847, 2.1); None when it is none."""
    kind = message.value(b"content-type") or b""
    given = parameters(kind)
    if main_value(kind) != "multipart/signed" or given.get("protocol", "").lower() not in _DETACHED:
        return None
    if main_value(message.value(b"content-transfer-encoding") or b"") in {
        "base64",
        "quoted-printable",
    }:
        return None
    parts = _parts(message.body, given.get("boundary", "").rstrip())
    if parts is None:
        return None
    signature = Entity.parse(parts[1])
    if signature is None or signature.media_type not in _DETACHED:
        return None
    octets = signature.decoded()
    return None if octets is None else Signed(octets, parts[0])


def opaque_part(message: Entity) -> bytes | None:
    """The CMS object of an `application/pkcs7-mime` message; None when it is none."""
    return message.decoded() if message.media_type in _OPAQUE else None


def unwrapped(message: Entity, inside: bytes) -> bytes | None:
    """The message with what was inside as its body; None when that is no entity.

    Of the outer header everything stays but what describes the body; of the inner one nothing comes
    but that. A signature over other things than a MIME entity (RFC 5652's attributes, say) has no
    such beginning.
    """
    entity = Entity.parse(inside)
    if entity is None or not all(map(_FIELD.match, entity.fields)):
        return None
    kept = [line for line in message.fields if _FIELD.match(line) and not _describes(line)]
    brought = [line for line in entity.fields if line.lower().startswith(b"content-")]
    header = b"\r\n".join((*kept, b"MIME-Version: 1.0", *brought))
    return header + b"\r\n\r\n" + entity.body


def _describes(line: bytes) -> bool:
    return line.lower().startswith((b"content-", b"mime-version:"))


def _parts(body: bytes, boundary: str) -> tuple[bytes, bytes] | None:
    """Exactly two parts, nothing after their end that looks like a third (RFC 2046, 5.1.1)."""
    if not boundary or len(boundary) > 200 or not boundary.isascii():
        return None
    delimiter = re.compile(
        rb"(?:\A|\r\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r\n|\Z)"
    )
    found = []
    for match in delimiter.finditer(body):
        found.append(match)
        if len(found) > 3:
            return None
    if [match[1] for match in found] != [None, None, b"--"]:
        return None
    first, second, last = found
    return body[first.end() + 2 : second.start()], body[second.end() + 2 : last.start()]
