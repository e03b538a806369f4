"""How often is too often: decisions about links and codes, from counts and instants alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from secure_mail.domain.answers import WRONG_TRIES_BEFORE_LONG_CODES
from secure_mail.domain.mail_providers import LARGE_PROVIDERS

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLimits:
    """Limits of requests for links (links.md rule 12)."""

    address_hour: int = 3
    address_day: int = 10
    kept_for_others: int = 3
    """Of the day, for networks that have not asked for the address in the last 24 h."""
    network_hour: int = 10
    domain_hour: int = 200
    total_hour: int = 2000
    exempt_domains: frozenset[str] = field(default=LARGE_PROVIDERS, repr=False)

    def times(self, factor: int) -> Self:
        """The same limits, each so many times as wide (the demo)."""
        return replace(
            self,
            address_hour=self.address_hour * factor,
            address_day=self.address_day * factor,
            kept_for_others=self.kept_for_others * factor,
            network_hour=self.network_hour * factor,
            domain_hour=self.domain_hour * factor,
            total_hour=self.total_hour * factor,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier request for a link or a code to the same address, already decided."""

    at: datetime
    network: bytes = field(repr=False)
    mailed: bool
    """Whether it was sent: a request that was turned down uses up nothing."""


def link_to_address_allowed(
    limits: LinkLimits, earlier: Sequence[Asked], network: bytes, now: datetime
) -> bool:
    """Whether the address may be sent one more link, asked for from this network.

    A share lies above what one network can use up, in the hour and in the day, for networks that
    have not asked in the last 24 h: so no stranger can lock an address out. Windows are half-open:
    what happened exactly an hour (a day) ago counts no more.
    """
    share = limits.kept_for_others if _newcomer(earlier, network, now) else 0
    return (
        _mailed(earlier, HOUR, now) < limits.address_hour + share
        and _mailed(earlier, DAY, now) < limits.address_day - limits.kept_for_others + share
    )


def mail_to_domain_allowed(limits: LinkLimits, domain: str, in_last_hour: int) -> bool:
    """Whether a mail may go to one more address of the domain in this hour."""
    return domain in limits.exempt_domains or in_last_hour < limits.domain_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLimits:
    """Limits of codes for reading an answer (links.md, "Reading a reply")."""

    address_hour: int = 3
    address_day: int = 6
    kept_for_others: int = 3
    """On top, in hour and day, for networks that have not asked for the address in 24 h."""
    network_hour: int = 10

    def times(self, factor: int) -> Self:
        """The same limits, each so many times as wide (the demo)."""
        return replace(
            self,
            address_hour=self.address_hour * factor,
            address_day=self.address_day * factor,
            kept_for_others=self.kept_for_others * factor,
            network_hour=self.network_hour * factor,
        )


def code_allowed(
    limits: CodeLimits, earlier: Sequence[Asked], network: bytes, now: datetime
) -> bool:
    """Whether the address may be sent one more code, asked for from this network.

    As for links, a share lies above what one network can use up. Windows are half-open.
    """
    share = limits.kept_for_others if _newcomer(earlier, network, now) else 0
    return (
        _mailed(earlier, HOUR, now) < limits.address_hour + share
        and _mailed(earlier, DAY, now) < limits.address_day + share
    )


def code_digits(wrong_tries: int) -> int:
    """Digits of the next code: 8, or 16 after more than ten wrong tries in 24 h."""
    return 16 if wrong_tries > WRONG_TRIES_BEFORE_LONG_CODES else 8


def _newcomer(earlier: Iterable[Asked], network: bytes, now: datetime) -> bool:
    return all(asked.network != network for asked in earlier if now - asked.at < DAY)


def _mailed(earlier: Iterable[Asked], window: timedelta, now: datetime) -> int:
    return sum(asked.mailed and now - asked.at < window for asked in earlier)
