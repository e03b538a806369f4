"""Reading an answer: the short-lived code that opens a reading session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from secure_mail.domain.ids import CaseId, CodeId
from secure_mail.domain.sealing import SealedBytes

CODE_LIFE = timedelta(minutes=20)
CODE_TRIES = 5
WRONG_TRIES_BEFORE_LONG_CODES = 10
"""Wrong tries for one address in 24 h after which codes have 16 digits."""


class CodeState(StrEnum):
    REQUESTED = "requested"
    """The worker has not decided yet; or decided that nothing is mailed (looks the same)."""
    MAILED = "mailed"
    USED = "used"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCode:
    """One request for a code, bound to the browser that asked."""

    id: CodeId
    requested_at: datetime
    expires_at: datetime
    language: str
    check_words: str
    network: bytes = field(repr=False)
    cookie_hash: bytes = field(repr=False)
    """SHA-256 of the request cookie's secret."""
    sealed: SealedBytes = field(repr=False)
    """JSON `{"address", "secret"}`, to the worker, purpose CODE_REQUEST."""
    state: CodeState = CodeState.REQUESTED
    tries: int = 0
    address_index: bytes | None = field(default=None, repr=False)
    code_hmac: bytes | None = field(default=None, repr=False)
    """HMAC-SHA-256 of the code under the request cookie's secret."""
    cases: tuple[CaseId, ...] = ()

    def usable_at(self, now: datetime) -> bool:
        """Half-open life; five tries."""
        return (
            self.state in (CodeState.REQUESTED, CodeState.MAILED)
            and self.tries < CODE_TRIES
            and now < self.expires_at
        )
