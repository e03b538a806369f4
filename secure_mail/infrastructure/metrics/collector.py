"""What Prometheus may see: counts of ledger and outbox; no label that names a person or a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.work import MAILS, JobKind

BACKLOG_CAP = 100_000


class StoreCollector(Collector):
    """Asks the store at every scrape."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._units.reading() as uow:
            count = uow.ledger.count()
            oldest = uow.ledger.oldest_in_progress()
            backlog = {kind: uow.outbox.backlog(kind, BACKLOG_CAP) for kind in JobKind}
            dead = {kind: uow.outbox.dead(kind, BACKLOG_CAP) for kind in MAILS}
        messages = GaugeMetricFamily(
            "secure_mail_messages", "Accepted messages by disposition", labels=["disposition"]
        )
        for name in ("filed", "held", "refused", "in_progress"):
            messages.add_metric([name], getattr(count, name))
        yield messages
        yield GaugeMetricFamily(
            "secure_mail_ledger_balanced",
            "1 when accepted = filed + held + refused + in progress, without a gap",
            value=float(count.balanced),
        )
        waited = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily(
            "secure_mail_oldest_in_progress_seconds",
            "Age of the oldest message that is not settled",
            value=waited,
        )
        jobs = GaugeMetricFamily("secure_mail_outbox_jobs", "Jobs not done", labels=["kind"])
        for kind, waiting in backlog.items():
            jobs.add_metric([kind.value], waiting)
        yield jobs
        undelivered = GaugeMetricFamily(
            "secure_mail_outbox_dead_mails",
            "Mails of the last days that the relay refused, or that were given up",
            labels=["kind"],
        )
        for kind, buried in dead.items():
            undelivered.add_metric([kind.value], buried)
        yield undelivered


def exposition(units: Units, clock: Clock, of_doors: Iterable[Collector] = ()) -> bytes:
    """The metrics in Prometheus' text format. Raises StoreDownError."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (StoreCollector(units, clock), *of_doors):
        registry.register(collector)
    return generate_latest(registry)
