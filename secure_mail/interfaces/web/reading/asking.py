"""The `code` cookie: the request's secret and what the page of the code shows, for 20 minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self

from secure_mail.application.replies.request_code import RequestedCode
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web.cookies import octets_of, octets_text, secret_of, secret_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request for a code, in the browser that made it."""

    secret: BrowserSecret = field(repr=False)
    address: str = field(repr=False)
    words: str

    @classmethod
    def of(cls, requested: RequestedCode, address: str) -> Self:
        return cls(secret=requested.secret, address=address, words=requested.check_words)

    def to_cookie(self) -> str:
        shown = {
            "secret": secret_text(self.secret),
            "address": self.address,
            "words": self.words,
        }
        return octets_text(json.dumps(shown, ensure_ascii=False).encode())

    @classmethod
    def from_cookie(cls, text: str) -> Self | None:
        """None for anything that we did not write."""
        try:
            shown = json.loads(octets_of(text) or b"")
            secret = secret_of(shown["secret"])
            address, words = str(shown["address"]), str(shown["words"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return cls(secret=secret, address=address, words=words) if secret else None
