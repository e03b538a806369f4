"""Malware: whether a file was looked at, and what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from secure_mail.domain.routing.facts import ScanVerdict


class Scanner(Protocol):
    def scan(self, name: str, read: Callable[[], bytes]) -> ScanVerdict:
        """Looks at one whole file, opened by `read` only if it is looked at.

        Blocking; never raises for the file's sake, a failure is `ERROR`. `UNSCANNED` is shown to
        staff as "not scanned", and its download is confirmed (intake.md).
        """
        ...
