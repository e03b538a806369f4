"""Builders of small files that we wrote, and the way an upload takes through the screen."""

import io
import struct
import zipfile
import zlib

from secure_mail.infrastructure.files.screen import StreamingScreen

SECRET = b"60.1699N 24.9384E"


def screened(name: str, data: bytes, step: int = 7) -> bytes:
    """What of a file is let through when it arrives in pieces of `step` octets."""
    upload = StreamingScreen().begin(name, len(data))
    out = [upload.update(data[at : at + step]) for at in range(0, len(data), step)]
    return b"".join(out) + upload.finish()


def segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHLL", 0x010F, 2, len(SECRET), 60)
    entries += struct.pack(order + "HHLHH", 0x0112, 3, 1, orientation, 0)
    directory = struct.pack(order + "H", 2) + entries + bytes(4)
    return b"Exif\0\0" + mark + struct.pack(order + "HL", 42, 8) + directory + SECRET


SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"pixels\xff\0more\xff\xd0" * 50
DRAWN = segment(0xDB, b"\0" * 65) + segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0") + SCAN
JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")


def jpeg(*extra: bytes, after: bytes = b"") -> bytes:
    return b"\xff\xd8" + JFIF + b"".join(extra) + DRAWN + b"\xff\xd9" + after


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png(*extra: bytes, after: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + head + b"".join(extra) + pixels + chunk(b"IEND", b"") + after


def pdf(trailer: bytes = b"", after: bytes = b"") -> bytes:
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + b"%" * 3000
    return body + b"\ntrailer<</Root 1 0 R" + trailer + b">>\n%%EOF\n" + after


def archive(entries: dict[str, bytes], *, stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            made.writestr(name, content, kind)
    return out.getvalue()


DOCX = {"[Content_Types].xml": b"<x/>", "_rels/.rels": b"<x/>", "word/document.xml": b"<x/>" * 900}
ODT = {
    "mimetype": b"application/vnd.oasis.opendocument.text",
    "content.xml": b"<x/>" * 900,
    "META-INF/manifest.xml": b"<x/>",
}
