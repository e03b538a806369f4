"""The derived view: what staff read of a message, made once by the worker, sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Text and headers to show. Empty string = absent. Never stored in the clear."""

    subject: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    """Address: of the link, or the single From."""
    to: str = field(default="", repr=False)
    date: str = field(default="", repr=False)
    """The Date header as written."""
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    """Unsanitised; shown only after sanitising, from a sandbox."""
    name: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)
    letter_reference: str = field(default="", repr=False)
    acts_for: bool = False
    defects: tuple[str, ...] = ()
    verdicts: dict[str, str] = field(default_factory=dict)
    """Part id of an attachment to its ScanVerdict."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        raw = json.loads(data)
        raw["defects"] = tuple(raw["defects"])
        return cls(**raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Name and type of an attachment, sealed beside it."""

    name: str = field(repr=False)
    media_type: str

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        return cls(**json.loads(data))
