"""A DKIM signature as it is written, and what our policy says of it before any key is asked for.

The same tags make an ARC-Message-Signature and an ARC-Seal (RFC 6376, 3.5; RFC 8617, 4.1).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from secure_mail.domain.authentication import Reason
from secure_mail.domain.trace_headers import HeaderField

MAX_SIGNATURE = 8 * 1024
"""Octets of one signature field."""
MAX_SIGNED_NAMES = 200
MAX_SIGNATURE_OCTETS = 512
"""Of `b=`: an RSA key of 4096 bits."""
FUTURE = timedelta(hours=1)
"""How far a signer's clock may be ahead."""
PROTECTED = ("from", "subject", "to", "cc", "date", "message-id", "reply-to", "sender",
             "mime-version", "content-type", "content-transfer-encoding")  # fmt: skip
"""What a reader sees, or what decides it: of these no copy may stand outside a signature."""

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}\Z")
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]+\Z")
_NUMBER = re.compile(r"[0-9]{1,12}\Z")
_BLANKS = re.compile(r"[ \t\r\n]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""In no tag: some are blanks to a verifier's pattern, which takes seconds to pass many of them."""


class UnreadableTagsError(ValueError):
    """The tags are not those of the RFC."""


class Algorithm(StrEnum):
    """RFC 8301 and RFC 8463. `rsa-sha1` is known by name only, to say why it does not count."""

    RSA_SHA256 = "rsa-sha256"
    ED25519_SHA256 = "ed25519-sha256"
    RSA_SHA1 = "rsa-sha1"

    @property
    def key_type(self) -> str:
        return self.value.partition("-")[0]


class Canonical(StrEnum):
    SIMPLE = "simple"
    RELAXED = "relaxed"


def tag_list(text: str) -> dict[str, str]:
    """Tags and values (RFC 6376, 3.2), blanks around them taken off; names as written.

    Raises UnreadableTagsError: no `=`, a name that is none, a tag twice.
    """
    tags: dict[str, str] = {}
    pieces = text.split(";")
    if not pieces[-1].strip():
        pieces.pop()
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or not _TAG.match(name) or name in tags:
            raise UnreadableTagsError
        tags[name] = value.strip()
    return tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature field, read; nothing of it is verified."""

    domain: str
    """`d=`, lower case."""
    selector: str
    algorithm: Algorithm
    header_form: Canonical
    body_form: Canonical
    names: tuple[str, ...]
    """`h=`, lower case, in order."""
    body_hash: bytes = field(repr=False)
    signed_at: datetime | None
    expires: datetime | None
    length_limited: bool
    subdomain: bool
    """Its `i=` names a domain under `domain`."""
    tags: Mapping[str, str] = field(repr=False)

    @property
    def key_name(self) -> str:
        """Where its key is published."""
        return f"{self.selector}._domainkey.{self.domain}"


def read_signature(written: HeaderField, *, arc: bool = False) -> Signature:
    """A DKIM-Signature, or an ARC-Message-Signature. Raises UnreadableTagsError."""
    if len(written.raw_value) > MAX_SIGNATURE or _CONTROLS.search(written.raw_value):
        raise UnreadableTagsError
    tags = tag_list(written.value)
    try:
        algorithm = Algorithm(tags["a"].lower())
        header_form, _, body_form = tags.get("c", "simple/simple").lower().partition("/")
        domain, selector = tags["d"].lower(), tags["s"].lower()
        names = tuple(name.strip().lower() for name in tags["h"].split(":"))
        body_hash = _decoded(tags["bh"])
        form = Canonical(header_form), Canonical(body_form or "simple")
        if len(_decoded(tags["b"])) > MAX_SIGNATURE_OCTETS:
            raise UnreadableTagsError
    except (KeyError, ValueError):
        raise UnreadableTagsError from None
    identity = domain if arc else tags.get("i", f"@{domain}").rpartition("@")[2].lower()
    well_formed = (
        (arc or tags.get("v") == "1")
        and _DOMAIN.match(domain)
        and _SELECTOR.match(selector)
        and len(domain) + len(selector) < 240
        and all(map(_NAME.match, names))
        and len(names) <= MAX_SIGNED_NAMES
        and tags.get("q", "dns/txt").lower() == "dns/txt"
        and (identity == domain or identity.endswith("." + domain))
    )
    if not well_formed:
        raise UnreadableTagsError
    return Signature(
        domain=domain,
        selector=selector,
        algorithm=algorithm,
        header_form=form[0],
        body_form=form[1],
        names=names,
        body_hash=body_hash,
        signed_at=_instant(tags.get("t")),
        expires=_instant(tags.get("x")),
        length_limited="l" in tags,
        subdomain=identity != domain,
        tags=tags,
    )


def objection(signature: Signature, fields: Sequence[HeaderField], at: datetime) -> Reason | None:
    """Why the signature counts as none whatever its key says; None if nothing is against it."""
    if signature.length_limited:
        return Reason.BODY_LENGTH
    if signature.algorithm is Algorithm.RSA_SHA1:
        return Reason.ALGORITHM
    if signature.expires is not None and signature.expires <= at:
        return Reason.EXPIRED
    if signature.signed_at is not None and signature.signed_at > at + FUTURE:
        return Reason.FROM_THE_FUTURE
    if "from" not in signature.names:
        return Reason.FROM_UNSIGNED
    if "subject" not in signature.names and any(one.name == "subject" for one in fields):
        return Reason.SUBJECT_UNSIGNED
    unsigned = _unsigned(signature, fields)
    return Reason.HEADER_ADDED if unsigned else None


def covers(signature: Signature, fields: Sequence[HeaderField], name: str) -> bool:
    """Whether every field of that name is signed, and there is one."""
    present = sum(one.name == name for one in fields)
    return 0 < present <= signature.names.count(name)


def _unsigned(signature: Signature, fields: Sequence[HeaderField]) -> bool:
    """Whether a field stands beside a signed one of its name (the signature takes the lowest)."""
    present = Counter(one.name for one in fields)
    signed = Counter(signature.names)
    return any(signed[name] < present[name] > 1 for name in PROTECTED)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(_BLANKS.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableTagsError from None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not _NUMBER.match(text):
        raise UnreadableTagsError
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)
