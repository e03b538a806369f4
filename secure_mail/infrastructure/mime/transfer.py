"""Transfer encodings undone so that no octet of a crooked one is lost (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANK = b" \t\r\n"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET + b"="))
_PADDING = re.compile(b"=+")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} [^\r\n]*\r?\n")


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Decoded octets, and whether the encoding was sound; what is no encoding stays as it is."""
    match encoding:
        case "base64":
            return decode_base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data), True
        case "x-uuencode" | "uuencode" | "x-uue":
            return _decode_uu(data)
        case _:
            return data, True


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Each padded run by itself (some programs join them); foreign signs are passed over.

    Text that is mostly no Base64 was labelled wrongly: it is returned as it is.
    """
    shown = data.translate(None, _BLANK)
    runs = shown.translate(None, _NOT_BASE64)
    foreign = len(shown) - len(runs)
    if foreign * 10 > len(shown):
        return data, False
    out = bytearray()
    sound = not foreign
    for run in _PADDING.split(runs):
        whole = run[:-1] if len(run) % 4 == 1 else run
        sound = sound and whole is run
        out += b64decode(whole + b"=" * (-len(whole) % 4))
    return bytes(out), sound


def _decode_uu(data: bytes) -> tuple[bytes, bool]:
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data, False
    out = bytearray()
    for line in data[begin.end() :].splitlines():
        if line.strip() == b"end":
            return bytes(out), True
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            return data, False
    return bytes(out), False
