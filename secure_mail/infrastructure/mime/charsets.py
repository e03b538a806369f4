"""Octets to text whatever charset was claimed: never an exception, never a dropped octet.

An octet that the charset does not know is shown as Windows would, or by its number.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases

_NAME = re.compile(r"[a-z0-9_]{1,40}")
_NOT_ITS_OWN = re.compile(r"[-.: ]")
_NOT_TEXT = frozenset({
    "base64_codec", "bz2_codec", "hex_codec", "idna", "mbcs", "oem", "punycode", "quopri_codec",
    "raw_unicode_escape", "rot_13", "undefined", "unicode_escape", "unicode_internal", "utf_7",
    "uu_codec", "zlib_codec",
})  # fmt: skip
"""Codecs that are no charsets, grow without bound, or can spell one text in many ways."""
_OURS = {
    # programs claim the smaller set and write the larger
    "ascii": "utf_8", "us_ascii": "utf_8", "ansi_x3.4_1968": "utf_8", "default": "utf_8",
    "unknown_8bit": "utf_8", "x_unknown": "utf_8", "utf8mb4": "utf_8", "utf_8_bom": "utf_8_sig",
    "iso_8859_1": "cp1252", "iso8859_1": "cp1252", "latin1": "cp1252", "latin_1": "cp1252",
    "latin9": "iso8859_15", "windows_1252": "cp1252", "x_cp1252": "cp1252", "ansi": "cp1252",
    "iso_8859_8_i": "iso8859_8", "iso_8859_8_e": "iso8859_8", "iso_8859_6_i": "iso8859_6",
    "x_mac_roman": "mac_roman", "macintosh": "mac_roman", "ansi_x3_110_1983": "latin_1",
    "ks_c_5601_1987": "cp949", "ks_c_5601": "cp949", "euc_kr": "cp949", "x_windows_949": "cp949",
    "gb2312": "gb18030", "gb_2312_80": "gb18030", "gbk": "gb18030", "x_gbk": "gb18030",
    "x_sjis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "windows_31j": "cp932",
    "iso_2022_jp": "iso2022_jp_ext", "x_euc_jp": "euc_jp", "big5": "big5hkscs",
    "tis_620": "cp874", "windows_874": "cp874",
}  # fmt: skip
_CODECS = {name: codec for name, codec in aliases.items() if codec not in _NOT_TEXT} | {
    codec: codec for codec in aliases.values() if codec not in _NOT_TEXT
}
_ESCAPED = re.compile("[\udc80-\udcff]")
_UNSHOWABLE = re.compile("[\0\ud800-\udfff]")


def decode(data: bytes, charset: str = "") -> str:
    """Text without NUL and lone surrogates (both become U+FFFD): any database takes it."""
    codec = codec_of(charset)
    if codec and codec != "utf_8":
        for errors in ("strict", "backslashreplace"):
            try:
                return showable(data.decode(codec, errors))
            except (UnicodeError, LookupError, ValueError):
                continue
    return showable(_ESCAPED.sub(_windows, data.decode("utf-8", "surrogateescape")))


def codec_of(charset: str) -> str:
    """The codec for a charset's name (case and punctuation do not matter); empty when unknown."""
    key = _NOT_ITS_OWN.sub("_", charset.strip(" \t\r\n\"'").lower())
    if not _NAME.fullmatch(key):
        return ""
    codec = _OURS.get(key) or _CODECS.get(key) or _CODECS.get(key.removeprefix("x_"), "")
    return _OURS.get(codec, codec)


def showable(text: str) -> str:
    """The text with U+FFFD for what no database and no page takes."""
    return _UNSHOWABLE.sub("\ufffd", text)


def _windows(match: re.Match[str]) -> str:
    octet = bytes((ord(match[0]) - 0xDC00,))
    try:
        return octet.decode("cp1252")
    except UnicodeDecodeError:
        return octet.decode("latin-1")
