"""The public key of a signature as DNS has it (RFC 6376, 3.6.1), read but not used."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from secure_mail.domain.authentication import Reason
from secure_mail.domain.signatures import Algorithm, UnreadableTagsError, tag_list

MAX_RECORD = 4 * 1024
"""Octets of one record: an RSA key of 8192 bits and some notes."""

_BLANKS = re.compile(r"[ \t\r\n]+")


class KeyFaultError(Exception):
    """The key cannot be used for this signature, and never will be."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One usable record."""

    kind: str
    """`rsa` or `ed25519`."""
    material: bytes = field(repr=False)
    in_test: bool
    """`t=y`: mail signed with it is to be treated as if it were not signed."""


def key_record(texts: Sequence[bytes], algorithm: Algorithm, *, subdomain: bool) -> KeyRecord:
    """The one key among the TXT records of a key name. Raises KeyFaultError.

    `subdomain`: the signature is made for a domain under its own, which a key may forbid (`t=s`).
    """
    keys = [tags for tags in map(_tags, texts) if tags is not None]
    if not keys:
        raise KeyFaultError(Reason.KEY_UNREADABLE if texts else Reason.NO_KEY)
    if len(keys) > 1:
        raise KeyFaultError(Reason.KEY_AMBIGUOUS)
    tags = keys[0]
    kind = tags.get("k", "rsa").lower()
    if not tags["p"]:
        raise KeyFaultError(Reason.KEY_REVOKED)
    strict = "s" in _words(tags.get("t", ""))
    fits = (
        kind == algorithm.key_type
        and {"*", "email"} & _words(tags.get("s", "*"))
        and "sha256" in _words(tags.get("h", "sha256"))
        and not (strict and subdomain)
    )
    if not fits:
        raise KeyFaultError(Reason.KEY_MISMATCH)
    try:
        material = b64decode(_BLANKS.sub("", tags["p"]), validate=True)
    except (binascii.Error, ValueError):
        raise KeyFaultError(Reason.KEY_UNREADABLE) from None
    return KeyRecord(kind=kind, material=material, in_test="y" in _words(tags.get("t", "")))


def _tags(text: bytes) -> Mapping[str, str] | None:
    """The tags of a key record; None of any other text, as under a wildcard."""
    if len(text) > MAX_RECORD:
        return None
    try:
        tags = tag_list(text.decode("utf-8"))
    except (UnreadableTagsError, UnicodeDecodeError):
        return None
    versioned = "v" not in tags or (next(iter(tags)), tags["v"]) == ("v", "DKIM1")
    return tags if "p" in tags and versioned else None


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(":")}
