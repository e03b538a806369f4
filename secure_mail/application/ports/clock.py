"""Time and chance, handed in so that edges can be tested."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from secure_mail.domain.sealing import BrowserSecret


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class Ids(Protocol):
    """Every random thing of the service."""

    def new(self) -> UUID:
        """A time-ordered id (UUID version 7, RFC 9562)."""
        ...

    def symbols(self, count: int) -> str:
        """Random Crockford symbols, upper case."""
        ...

    def digits(self, count: int) -> str:
        """Random decimal digits."""
        ...

    def secret(self) -> BrowserSecret:
        """32 random octets for a cookie."""
        ...

    def check_words(self, language: str) -> str:
        """One reviewed word of the language and two digits: `KOIVU 48` (links.md)."""
        ...


class BusinessCalendar(Protocol):
    def due(self, start: datetime, days: int) -> datetime:
        """End of the business day that is `days` business days after `start` (Finnish holidays);
        an aware instant in UTC.
        """
        ...

    def days_late(self, due: datetime, now: datetime) -> int:
        """Business days between the due day and today; 0 when due today or later."""
        ...

    def today(self, now: datetime) -> date:
        """The calendar day in the deployment's time zone."""
        ...

    def in_business_hours(self, instant: datetime) -> bool: ...
