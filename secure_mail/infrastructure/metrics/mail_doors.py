"""What Prometheus may see of the mail doors: counts per listener, and not one address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from secure_mail.domain.refusals import RefusalCode


class DoorFigures(Protocol):
    """Of one listener, since the process began."""

    @property
    def open(self) -> int: ...
    @property
    def connections(self) -> int: ...
    @property
    def turned_away(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def aborted(self) -> int: ...
    @property
    def handshakes(self) -> int: ...
    @property
    def refused(self) -> Mapping[RefusalCode, int]: ...


class MailDoorCollector(Collector):
    """Asks the listeners at every scrape."""

    def __init__(self, figures: Callable[[], Mapping[str, DoorFigures]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        found = self._figures()
        gauge = GaugeMetricFamily(
            "secure_mail_door_open_connections", "SMTP and LMTP connections now", labels=["door"]
        )
        for door, figures in found.items():
            gauge.add_metric([door], figures.open)
        yield gauge
        for name, text in (
            ("connections", "Connections that were taken"),
            ("turned_away", "Connections beyond the limits"),
            ("accepted", "Messages that were answered 250"),
            ("aborted", "Messages that ended before their reply"),
            ("handshakes", "TLS handshakes that failed"),
        ):
            counter = CounterMetricFamily(f"secure_mail_door_{name}", text, labels=["door"])
            for door, figures in found.items():
                counter.add_metric([door], getattr(figures, name))
            yield counter
        refused = CounterMetricFamily(
            "secure_mail_door_refused", "Replies that say no, by reason", labels=["door", "code"]
        )
        for door, figures in found.items():
            # A copy: the event loop counts on while a thread reads.
            for code, count in dict(figures.refused).items():
                refused.add_metric([door, code.value], count)
        yield refused
