"""The partner passport: which checks held when, and what runs out soon."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import Check, PartnerOrganisation

SHOWN = 30
"""Days of counts that are shown, today among them."""
KEPT = timedelta(days=400)
"""Older counts are forgotten: "last held" then says a year and a month at most."""
SOON = 30
"""Days before its end from which an agreement or a certificate is warned of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDay:
    """One check of one partner on one day: how many of its messages held it, how many missed it.

    Missed counts forgeries too: what misses a check is not proved to be the partner's.
    """

    partner_id: PartnerId
    day: date
    """In the deployment's time zone."""
    check: Check
    held: int = 0
    missed: int = 0
    last_held_at: datetime | None = None
    last_missed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One check, over all the days that are kept; counts of the days that are shown."""

    check: Check
    required: bool
    held: int
    missed: int
    last_held_at: datetime | None
    last_missed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """The agreement (`fingerprint` is None) or a certificate, and its last day."""

    fingerprint: str | None
    on: date
    days: int
    """From today; 0 on the last day, negative after it."""

    @property
    def soon(self) -> bool:
        return self.days <= SOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    partner: PartnerOrganisation
    standings: tuple[Standing, ...]
    """The required checks, and every other that was seen."""
    days: tuple[tuple[date, tuple[CheckDay, ...]], ...]
    """Newest first; days without mail are left out."""
    expiries: tuple[Expiry, ...]

    @property
    def warnings(self) -> tuple[Expiry, ...]:
        return tuple(expiry for expiry in self.expiries if expiry.soon)


def counted(
    partner: PartnerId,
    *,
    held: Collection[Check],
    missed: Collection[Check],
    at: datetime,
    day: date,
    times: int = 1,
) -> tuple[CheckDay, ...]:
    """What messages add to the passport, in the order of the checks: two transactions that add at
    once never wait for each other.
    """
    return tuple(
        CheckDay(
            partner_id=partner,
            day=day,
            check=check,
            held=times if check in held else 0,
            missed=times if check in missed else 0,
            last_held_at=at if check in held else None,
            last_missed_at=at if check in missed else None,
        )
        for check in Check
        if check in held or check in missed
    )


def passport(
    partner: PartnerOrganisation,
    kept: Sequence[CheckDay],
    today: date,
    day_of: Callable[[datetime], date],
) -> Passport:
    """`kept` are the partner's rows; `day_of` is the calendar of the deployment."""
    first = today - timedelta(days=SHOWN - 1)
    shown = [row for row in kept if first <= row.day <= today]
    seen = {row.check for row in kept}
    return Passport(
        partner=partner,
        standings=tuple(
            _standing(check, partner, kept, shown)
            for check in Check
            if check in seen | partner.required
        ),
        days=tuple(
            (day, tuple(sorted((row for row in shown if row.day == day), key=_order)))
            for day in sorted({row.day for row in shown}, reverse=True)
        ),
        expiries=_expiries(partner, today, day_of),
    )


def _standing(
    check: Check,
    partner: PartnerOrganisation,
    kept: Sequence[CheckDay],
    shown: Sequence[CheckDay],
) -> Standing:
    counts = [row for row in shown if row.check is check]
    held = [row.last_held_at for row in kept if row.check is check and row.last_held_at]
    missed = [row.last_missed_at for row in kept if row.check is check and row.last_missed_at]
    return Standing(
        check=check,
        required=check in partner.required,
        held=sum(row.held for row in counts),
        missed=sum(row.missed for row in counts),
        last_held_at=max(held, default=None),
        last_missed_at=max(missed, default=None),
    )


def _expiries(
    partner: PartnerOrganisation, today: date, day_of: Callable[[datetime], date]
) -> tuple[Expiry, ...]:
    ends = [(None, partner.until)] if partner.until else []
    certificates = [(one.fingerprint, day_of(one.not_after)) for one in partner.certificates]
    return tuple(
        Expiry(fingerprint=fingerprint, on=on, days=(on - today).days)
        for fingerprint, on in (*ends, *certificates)
    )


def _order(row: CheckDay) -> int:
    return list(Check).index(row.check)
