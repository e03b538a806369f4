"""No scanner is configured: said honestly, never taken for clean."""

from __future__ import annotations

from collections.abc import Callable

from secure_mail.domain.routing.facts import ScanVerdict


class NoScanner:
    """Answers that nothing was scanned."""

    def scan(self, name: str, read: Callable[[], bytes]) -> ScanVerdict:  # noqa: ARG002 - the port
        return ScanVerdict.UNSCANNED
