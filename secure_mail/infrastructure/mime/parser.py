"""The port `MimeParser`: octets in, a small value out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from secure_mail.application.intake.header_tap import HeaderTap
from secure_mail.application.ports.mime import Attachment, ParsedMail
from secure_mail.application.ports.vault import OwnMail
from secure_mail.domain.bounces import Delivery
from secure_mail.domain.filenames import clean_name
from secure_mail.infrastructure.mime.automatic import auto_kind
from secure_mail.infrastructure.mime.charsets import codec_of, decode, showable
from secure_mail.infrastructure.mime.delivery_report import delivery_of
from secure_mail.infrastructure.mime.entity import Entity, parse_tree, walk
from secure_mail.infrastructure.mime.headers import (
    decode_header,
    main_value,
    octets_of,
    parameters,
)
from secure_mail.infrastructure.mime.html_text import html_to_text
from secure_mail.infrastructure.mime.languages import language_of
from secure_mail.infrastructure.mime.precheck import Limits, precheck
from secure_mail.infrastructure.mime.readability import readable
from secure_mail.infrastructure.mime.transfer import decode_transfer

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
_HTML_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}charset=[\"']?([\w.:-]{1,40})")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LINE_END = re.compile(r"\r\n?")
_NAMES = {"message/rfc822": "message.eml", "message/delivery-status": "delivery-status.txt"}
"""Names of parts that come without one, so that the right program opens them."""


class CompatMimeParser:
    """Reads a message with the standard library's tree and decoders of ours.

    `own_domain` is the domain of the service's own pages: links to them are no foreign portal.
    """

    def __init__(self, own: OwnMail, limits: Limits | None = None, own_domain: str = "") -> None:
        self._own = own
        self._limits = limits or Limits()
        self._own_domain = own_domain

    def parse(self, raw: bytes) -> ParsedMail:
        precheck(raw, self._limits)
        root = parse_tree(raw)
        reading = _Reading()
        for entity, choice in walk(root):
            _read(entity, choice, reading, is_root=entity is root)
        tap = HeaderTap()
        tap.feed(raw)
        tapped = tap.result()
        reading.note("ambiguous-from", when=tapped.single_from is None)
        reading.note("nul", when=b"\0" in raw)
        files, text, html = reading.files, reading.plain_text(), reading.html_text()
        kind = auto_kind(root, raw, self._own, has_files=any(map(_is_file, files)))
        return ParsedMail(
            subject=decode_header(root.octets("subject")),
            from_addresses=tuple(map(showable, tapped.from_addresses)),
            to=decode_header(root.octets("to")),
            date=decode_header(root.octets("date")),
            message_id=decode_header(root.octets("message-id")),
            text=text,
            html=html,
            language=language_of(decode_header(root.octets("content-language")), text),
            attachments=tuple(files),
            headers=_headers(root),
            auto_kind=kind,
            delivery=delivery_of(root, raw) if kind == "bounce" else Delivery.NONE,
            readable=readable(reading.kinds, text, html, files, self._own_domain),
            defects=tuple(reading.defects),
        )


@dataclass(frozen=True, slots=True)
class _Text:
    """One readable part. `choice` is the `multipart/alternative` in which it is one of several."""

    choice: int | None
    is_html: bool
    text: str


@dataclass(slots=True)
class _Reading:
    """What the walk over the parts gathers."""

    texts: list[_Text] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)

    def note(self, code: str, *, when: bool) -> None:
        if when:
            self.defects[code] = None

    def plain_text(self) -> str:
        """All texts in order; HTML is turned into text unless its plain twin says something."""
        told = {t.choice for t in self.texts if t.text.strip() and not t.is_html} - {None}
        pieces = [
            html_to_text(t.text) if t.is_html else _LINE_END.sub("\n", t.text).rstrip()
            for t in self.texts
            if not (t.is_html and t.choice in told)
        ]
        return "\n\n".join(piece for piece in pieces if piece.strip())

    def html_text(self) -> str:
        return "\n".join(t.text for t in self.texts if t.is_html)


def _read(entity: Entity, choice: int | None, reading: _Reading, *, is_root: bool) -> None:
    kind = entity.declared_type
    reading.kinds.append(kind)
    for defect in entity.defects:
        reading.note(_code(type(defect).__name__), when=True)
    body = entity.body
    if body is None:
        return
    encoding = main_value(entity.octets("content-transfer-encoding"))
    content, sound = decode_transfer(body, encoding)
    reading.note("transfer-encoding", when=not sound)
    name = _name(entity)
    inline = main_value(entity.octets("content-disposition")) != "attachment"
    is_text = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
    if is_text and inline and (is_root or not name):
        reading.texts.append(_text(entity, content, choice, reading))
    elif content or name:
        reading.note("tnef", when=kind == "application/ms-tnef" or name == "winmail.dat")
        media_type = kind if _TYPE.fullmatch(kind) else "application/octet-stream"
        reading.files.append(
            Attachment(name=name or _NAMES.get(kind, ""), media_type=media_type, content=content)
        )


def _text(entity: Entity, content: bytes, choice: int | None, reading: _Reading) -> _Text:
    charset = parameters(entity.octets("content-type")).get("charset", "")
    is_html = entity.declared_type == "text/html"
    if is_html and not charset and (meta := _HTML_CHARSET.search(content[:2048])):
        charset = meta[1].decode("ascii", "replace")
    reading.note("unknown-charset", when=bool(charset) and not codec_of(charset))
    return _Text(choice, is_html, decode(content, charset))


def _name(entity: Entity) -> str:
    filename = parameters(entity.octets("content-disposition")).get("filename", "")
    return clean_name(filename or parameters(entity.octets("content-type")).get("name", ""))


def _headers(root: Entity) -> dict[str, tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    for name, value in root.raw_items():
        values.setdefault(name.lower(), []).append(decode_header(octets_of(value)))
    return {name: tuple(several) for name, several in values.items()}


def _is_file(attachment: Attachment) -> bool:
    """Whether a person attached it: reports attach texts and messages."""
    return not attachment.media_type.startswith(("text/", "message/"))


def _code(defect: str) -> str:
    """`start-boundary-not-found` of `StartBoundaryNotFoundDefect`."""
    return _CAMEL.sub("-", defect.removesuffix("Defect")).lower()
