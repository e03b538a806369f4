"""E-mail addresses: parsed at a door, trusted inside, masked when shown, never in a log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


class InvalidAddressError(ValueError):
    """The text is not one e-mail address; the text itself is never repeated."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One mailbox address: dot-atom local part, domain in lower-case A-labels (RFC 5321, 5890)."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `local@domain`; international domains become A-labels.

        Raises InvalidAddressError: no quoted local parts, no address literals, lengths of RFC 5321.
        """
        local, at, domain = text.strip().rpartition("@")
        if not at or not _LOCAL.match(local) or len(local.encode()) > 64:
            raise InvalidAddressError
        try:
            ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise InvalidAddressError from None
        labels = ascii_domain.split(".")
        if len(labels) < 2 or len(ascii_domain) > 253 or not all(map(_LABEL.match, labels)):
            raise InvalidAddressError
        if labels[-1].isdigit():
            raise InvalidAddressError
        return cls(local, ascii_domain)

    @property
    def folded(self) -> str:
        """The form two spellings of one address share; input of the blind index."""
        return f"{self.local.casefold()}@{self.domain}"

    @property
    def masked(self) -> str:
        """Shown where the holder may be a stranger: `m.k…@example.com`."""
        shown = self.local[:3] if len(self.local) > 4 else self.local[:1]
        return f"{shown}…@{self.domain}"

    def under(self, domain: str) -> bool:
        """Whether the address is of this domain or of a subdomain of it."""
        return self.domain == domain or self.domain.endswith("." + domain)

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    def __repr__(self) -> str:
        return "EmailAddress(…)"
