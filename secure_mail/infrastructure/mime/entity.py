"""The tree of a message: the standard library's parser, told what it must not do.

`policy.compat32` never raised and never lost an octet on 926 real messages (policy.default did).
An embedded message stays one piece: its octets are an attachment, exactly as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from typing import TypeVar, cast, overload

from secure_mail.infrastructure.mime.headers import main_value, octets_of, parameters

_T = TypeVar("_T")
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]+")


class Entity(Message):
    """One part: what the library asks of its headers is answered by decoders of ours."""

    _payload: object
    """Kept by the library: text with surrogates for octets above 127, or a list of parts."""

    def octets(self, name: str) -> bytes:
        """The first header of this lower-case name, raw; empty when absent."""
        return next((octets_of(v) for k, v in self.raw_items() if k.lower() == name), b"")

    @property
    def body(self) -> bytes | None:
        """The octets of a leaf, its transfer encoding not undone; None for a part with parts.

        The library's `get_payload` would put U+FFFD for octets above 127.
        """
        if isinstance(self._payload, list):
            return None
        return octets_of(self._payload) if isinstance(self._payload, str) else b""

    @property
    def parts(self) -> list[Entity]:
        """The parts of a part. `get_payload` would decode a leaf, and raises on odd charsets."""
        payload = self._payload if isinstance(self._payload, list) else []
        return [part for part in payload if isinstance(part, Entity)]

    @property
    def declared_type(self) -> str:
        """The media type as claimed, or the default of its place."""
        claimed = main_value(self.octets("content-type"))
        return claimed if claimed.count("/") == 1 else self.get_default_type()

    def get_content_type(self) -> str:
        """Keeps the library from descending into `message/*`."""
        kind = self.declared_type
        return "application/octet-stream" if kind.startswith("message/") else kind

    @overload
    def get_boundary(self, failobj: None = None) -> str | None: ...
    @overload
    def get_boundary(self, failobj: _T) -> str | _T: ...
    def get_boundary(self, failobj: object = None) -> object:
        """The library's own answer raises on some charsets."""
        boundary = parameters(self.octets("content-type")).get("boundary", "").rstrip()
        return boundary or failobj


class _Unfolding(Compat32):
    """Unfolds `Content-*`: a boundary folded over two lines would hide the parts behind it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, _FOLD.sub(" ", value) if name.lower().startswith("content-") else value


_POLICY = _Unfolding()


def parse_tree(raw: bytes) -> Entity:
    """The root of the tree. Within the limits of the precheck it does not raise."""
    root = BytesParser(Entity, policy=_POLICY).parsebytes(raw)
    return cast("Entity", root)  # the factory's class, which the library's stubs do not carry


def walk(root: Entity) -> Iterator[tuple[Entity, int | None]]:
    """Every part in order, with the id of the nearest `multipart/alternative` around it."""
    waiting: list[tuple[Entity, int | None]] = [(root, None)]
    while waiting:
        entity, choice = waiting.pop()
        yield entity, choice
        inner = id(entity) if entity.declared_type == "multipart/alternative" else choice
        waiting += [(part, inner) for part in reversed(entity.parts)]
