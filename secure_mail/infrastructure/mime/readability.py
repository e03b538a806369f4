"""Whether what arrived can be read here: yes, locked, or remote. Only *yes* is acknowledged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from secure_mail.application.ports.mime import Attachment
from secure_mail.infrastructure.files.locks import locked
from secure_mail.infrastructure.mime import portals

_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_CMS_TYPE = b"\x2a\x86\x48\x86\xf7\x0d\x01"
"""1.2.840.113549.1: what begins a CMS content type (RFC 5652)."""
_ENVELOPED = re.compile(re.escape(_CMS_TYPE) + rb"(?:\x07[\x03\x04\x06]|\x09\x10\x01\x17)")
"""enveloped, signed-and-enveloped, encrypted, authEnveloped (RFC 5083)."""
_URL = re.compile(r"https?://[^\s<>\"']{1,2000}", re.IGNORECASE)
_LOOKED_AT = 256 * 1024
_ONLY_A_LINK = 3000
"""Characters of text besides links: such notices explain themselves, letters are longer."""


def readable(
    kinds: Sequence[str], text: str, html: str, files: Sequence[Attachment], ours: str
) -> str:
    """`kinds` are the media types of all parts, `ours` the domain of our own links."""
    if "multipart/encrypted" in kinds or _ARMOUR in text:
        return "locked"
    if any(_is_locked(file) for file in files):
        return "locked"
    if any(_is_wrapper(file.name.lower()) for file in files):
        return "remote"
    return "remote" if _only_a_link(text, html, files, ours) else "yes"


def _is_locked(file: Attachment) -> bool:
    """Opaque S/MIME is locked even when only signed: its text is inside the signature."""
    return (
        file.media_type in _PKCS7
        or _ENVELOPED.search(file.content[:64]) is not None
        or file.content.lstrip()[:64].startswith(_ARMOUR.encode())
        or locked(file.content)
    )


def _is_wrapper(name: str) -> bool:
    return name in portals.FILES or (
        name.startswith(portals.FILE_STEMS) and name.endswith((".html", ".htm"))
    )


def _only_a_link(text: str, html: str, files: Sequence[Attachment], ours: str) -> bool:
    if any(not file.media_type.startswith("image/") for file in files):
        return False
    links = _URL.findall(text[:_LOOKED_AT]) + _URL.findall(html[:_LOOKED_AT])
    return any(_to_portal(link, ours) for link in links) and len(_URL.sub("", text)) <= _ONLY_A_LINK


def _to_portal(link: str, ours: str) -> bool:
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if ours and (host == ours or host.endswith("." + ours)):
        return False
    where = f"{parts.path}#{parts.fragment}" if parts.fragment else parts.path
    return (
        any(host == known or host.endswith("." + known) for known in portals.HOSTS)
        or host.partition(".")[0] in portals.HOST_WORDS
        or where.lower().startswith(portals.PATHS)
    )
