"""The threads of all accounts, and the one that sees to it that they live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Event, Thread
from time import monotonic

import structlog

from secure_mail.application.apps import FetchApp
from secure_mail.domain.fetching import LAST_TRY_AFTER, AccountProgress
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.hand_over import HandOver
from secure_mail.interfaces.imap.poller import Poller
from secure_mail.interfaces.imap.taking import Taking

log = structlog.get_logger("imap")

WATCH_SECONDS = 1.0
GRACE = 5.0
"""Seconds that a message under way may take when we are to stop; the next start takes it again."""


class Pollers:
    """Started in the process's event loop, where the gate runs; one thread per account."""

    def __init__(
        self,
        accounts: Sequence[ImapAccount],
        app: FetchApp,
        *,
        max_size: int,
        environment: Mapping[str, str],
        chance: Callable[[], float],
        last_try_after: timedelta = LAST_TRY_AFTER,
    ) -> None:
        self._accounts = tuple(accounts)
        self._app = app
        self._max_size = max_size
        self._environment = environment
        self._chance = chance
        self._last_try_after = last_try_after
        self._stopping = Event()
        self._pollers: tuple[Poller, ...] = ()
        self._threads: list[Thread] = []
        self._watch = Thread(target=self._see_to_them, name="imap-watch", daemon=True)

    @property
    def turning(self) -> bool:
        return self._watch.is_alive()

    def progress(self) -> tuple[AccountProgress, ...]:
        """Of every account, in the order of the setting."""
        return tuple(poller.progress.seen() for poller in self._pollers)

    def start(self) -> None:
        hand_over = HandOver(self._app.gate, asyncio.get_running_loop())
        self._pollers = tuple(self._poller(account, hand_over) for account in self._accounts)
        self._threads = [_begun(poller) for poller in self._pollers]
        self._watch.start()

    def stop(self) -> None:
        """Returns within seconds; a thread that waits for its server is left behind."""
        self._stopping.set()
        until = monotonic() + GRACE
        for thread in (self._watch, *self._threads):
            if thread.ident is not None:
                thread.join(max(until - monotonic(), 0))

    def _poller(self, account: ImapAccount, hand_over: HandOver) -> Poller:
        taking = Taking(
            account=account,
            hand_over=hand_over,
            ready=self._app.ready,
            judge=self._app.judge,
            max_size=self._max_size,
            stopping=self._stopping,
        )
        return Poller(
            account, self._app, taking, self._environment, self._chance, self._last_try_after
        )

    def _see_to_them(self) -> None:
        """A thread that died of what no `except` holds is begun anew."""
        while not self._stopping.wait(WATCH_SECONDS):
            for place, (poller, thread) in enumerate(
                zip(self._pollers, self._threads, strict=True)
            ):
                if not thread.is_alive():
                    log.error("imap.restarted", account=poller.progress.number)
                    self._threads[place] = _begun(poller)


def _begun(poller: Poller) -> Thread:
    thread = Thread(target=poller.run, name=f"imap-{poller.progress.number}", daemon=True)
    thread.start()
    return thread
