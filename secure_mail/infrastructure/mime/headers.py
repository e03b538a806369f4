"""Header values to text: encoded words, raw octets, parameters (RFC 2047, RFC 2231)."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

from secure_mail.infrastructure.mime.charsets import codec_of, decode
from secure_mail.infrastructure.mime.transfer import decode_base64

_FOLD = re.compile(r"(?:\r\n|\r|\n)(?=[ \t])")
_LINE_END = re.compile(r"[\r\n]+")
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_EXTENDED = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*?)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def octets_of(value: str) -> bytes:
    """The octets of a raw value as the library keeps them (`surrogateescape`)."""
    return value.encode("utf-8", "surrogateescape")


def decode_header(value: bytes) -> str:
    """One line of text. Words of one charset are joined before decoding: some split a letter."""
    line = _LINE_END.sub(" ", _FOLD.sub("", value.decode("latin-1")))
    out: list[str] = []
    words = bytearray()
    charset = ""
    at = 0
    for match in _ENCODED_WORD.finditer(line):
        gap = line[at : match.start()]
        between = bool(charset) and not gap.strip()
        if charset and (not between or match[1].lower() != charset):
            out.append(decode(bytes(words), charset))
            words.clear()
        if not between:
            out.append(decode(gap.encode("latin-1")))
        charset = match[1].lower()
        words += _word(match[2], match[3].encode("latin-1"))
        at = match.end()
    out.append(decode(bytes(words), charset))
    out.append(decode(line[at:].encode("latin-1")))
    return "".join(out).strip()


def _word(encoding: str, text: bytes) -> bytes:
    if encoding in "bB":
        return decode_base64(text)[0]
    return binascii.a2b_qp(text, header=True)


def main_value(value: bytes) -> str:
    """What stands before the first parameter, in lower case."""
    return decode(value).partition(";")[0].strip().lower()


def parameters(value: bytes) -> dict[str, str]:
    """Decoded parameters by lower-case name; the first of a name counts.

    Continuations are joined in their order; an extended value is preferred to a plain one.
    """
    plain: dict[str, str] = {}
    extended: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in _PARAMETER.finditer(_FOLD.sub("", value.decode("latin-1"))):
        text = _unquote(match[2].strip())
        name = _EXTENDED.fullmatch(match[1].lower())
        if name is None or (name[2] is None and not name[3]):
            plain.setdefault(match[1].lower(), decode_header(text.encode("latin-1")))
            continue
        pieces = extended.setdefault(name[1], {})
        pieces.setdefault(int(name[2] or 0), (bool(name[3]), text))
    return plain | {name: _joined(pieces) for name, pieces in extended.items()}


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    charset = ""
    out = bytearray()
    for number, (is_encoded, text) in sorted(pieces.items()):
        rest = text
        if is_encoded and number == min(pieces) and text.count("'") >= 2:
            charset, _, rest = text.split("'", 2)
        raw = rest.encode("latin-1")
        out += unquote_to_bytes(raw) if is_encoded else raw
    return decode(bytes(out), charset if codec_of(charset) else "")


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    inside = text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:]
    return _ESCAPE.sub(r"\1", inside)
