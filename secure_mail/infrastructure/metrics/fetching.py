"""How the accounts of the IMAP door do: named by mailbox and place, never by their user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from secure_mail.domain.fetching import AccountProgress

LABELS = ("mailbox", "account")


class FetchCollector(Collector):
    """Asks the threads of this process at every scrape."""

    def __init__(self, accounts: Callable[[], Sequence[AccountProgress]]) -> None:
        self._accounts = accounts

    def collect(self) -> Iterator[Metric]:
        fetched = CounterMetricFamily(
            "secure_mail_imap_fetched", "Messages taken in", labels=LABELS
        )
        failures = CounterMetricFamily(
            "secure_mail_imap_failures", "Connections and tries that failed", labels=LABELS
        )
        aside = CounterMetricFamily(
            "secure_mail_imap_set_aside",
            "Messages that could not be fetched, and wait for a person",
            labels=LABELS,
        )
        success = GaugeMetricFamily(
            "secure_mail_imap_last_success_timestamp_seconds",
            "When the folder was last worked through",
            labels=LABELS,
        )
        connected = GaugeMetricFamily(
            "secure_mail_imap_connected", "1 while signed in", labels=LABELS
        )
        for account in self._accounts():
            names = [account.mailbox, str(account.number)]
            fetched.add_metric(names, account.fetched)
            failures.add_metric(names, account.failures)
            aside.add_metric(names, account.set_aside)
            success.add_metric(names, account.last_success)
            connected.add_metric(names, float(account.connected))
        yield from (fetched, failures, aside, success, connected)
