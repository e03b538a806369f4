"""What the checks of a sender found: results in the words of RFC 8601, one per check made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Method(StrEnum):
    """RFC 8601, 2.7; `SMIME` is RFC 7281's."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ARC = "arc"
    SMIME = "smime"


class Result(StrEnum):
    """RFC 8601, 2.7."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - a word of the RFC
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    """It verifies, but not by our policy: counts as none."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of one message."""

    method: Method
    result: Result
    domain: str = ""
    """What was authenticated: `d=` of a signature, domain of MAIL FROM or of From; lower case."""
    reason: str = ""
    """Why, in a fixed vocabulary of ours: never the sender's words."""
    selector: str = field(default="", repr=False)
    source: str = ""
    """authserv-id of the upstream that made the check; empty when it was made here."""
