"""What may not go to a person whose identity is not proved without a second look."""

from __future__ import annotations

import re

from secure_mail.domain.cases import Identified
from secure_mail.domain.identity_codes import find
from secure_mail.domain.messages import Assurance

_NUMBER = r"\d[\d \u00a0\u202f.,]{0,30}"
"""Bounded: a search over nothing but digits stays linear."""
_CURRENCY = r"(?:€|EUR\b|euro)"
_SUM = re.compile(rf"{_NUMBER}{_CURRENCY}|{_CURRENCY}\s?\d", re.IGNORECASE)
_DECISION = re.compile(r"\b(?:decision|päätö|beslut)", re.IGNORECASE)


def needs_second_look(text: str, assurance: Assurance, identified: Identified) -> bool:
    """Identity codes, sums and decisions below a code from our letter (casework.md)."""
    proved = assurance is Assurance.POSTAL_PIN or identified is Identified.POSTAL_CODE
    return not proved and bool(find(text) or _SUM.search(text) or _DECISION.search(text))
