"""E-mail addresses: parsed at a door, trusted inside, masked when shown, never in a log."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Self

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_PLAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\Z"
)
"""A domain of ASCII alone, which is nearly every one: nothing about it needs IDNA."""
_UNLIKE = re.compile("[\u00df\u03c2\u200c\u200d]")
"""Signs (ß, ς, joiners) that make another domain of one under RFC 3490 than under RFC 5891: a mail
would go to a stranger. Such a domain is taken in its A-label form only.
"""
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


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

        Raises InvalidAddressError: no quoted local parts, no address literals, no sign that is not
        seen or ends a line somewhere, lengths of RFC 5321.
        """
        local, at, domain = text.strip().rpartition("@")
        if not at or not _LOCAL.match(local):
            raise InvalidAddressError
        plain = domain.lower()
        if len(local) <= 64 and len(plain) <= 253 and text.isascii() and _PLAIN.match(plain):
            return cls(local, plain)
        if not all(map(_is_shown, local)):
            raise InvalidAddressError
        # No form of a name is longer than its A-labels; to encode what is takes seconds.
        if len(local.encode()) > 64 or len(domain) > 254 or _UNLIKE.search(domain.lower()):
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
        """The form two spellings of one address share; input of the blind index.

        Letters of ASCII only: ſ, ß or the Kelvin sign would fold into those of another mailbox.
        """
        return f"{self.local.translate(_LOWER)}@{self.domain}"

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


def _is_shown(sign: str) -> bool:
    """No control, format (bidi), surrogate, unassigned or separator sign (Unicode C and Z)."""
    return unicodedata.category(sign)[0] not in "CZ"
