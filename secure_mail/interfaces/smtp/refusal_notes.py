"""Counts refused mail of partners for their passports, gathered first: a flood costs few writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress

import structlog

from secure_mail.application.partners.note_refusal import NoteRefusal, RefusedMail
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.refusals import Refusal

log = structlog.get_logger("smtp")

PAUSE = 1.0
"""Seconds for which counts are gathered before they are written together."""


class RefusalNotes:
    """Nobody waits for it: what is not written at the end of the process is lost."""

    def __init__(self, note: NoteRefusal, threads: Executor) -> None:
        self._note = note
        self._threads = threads
        self._gathered: Counter[tuple[PartnerOrganisation, frozenset[Check]]] = Counter()

    def add(self, partner: PartnerOrganisation | None, refusal: Refusal) -> None:
        """Counts it, if it names checks that a partner's mail missed."""
        named = str(refusal.facts.get("check", "")).split(", ")
        missing = frozenset(check for check in Check if check in named)
        if partner is None or not missing:
            return
        if not self._gathered:
            asyncio.get_running_loop().call_later(PAUSE, self._hand_over)
        self._gathered[partner, missing] += 1

    def _hand_over(self) -> None:
        # Taken here, in the loop that adds: another thread would count while it is added to.
        refused = [RefusedMail(*key, times) for key, times in self._gathered.items()]
        self._gathered.clear()
        with suppress(RuntimeError):  # the pool is closed: the process ends
            self._threads.submit(self._write, refused)

    def _write(self, refused: Sequence[RefusedMail]) -> None:
        try:
            self._note(refused)
        except Exception as error:  # noqa: BLE001 - counts that are lost must not trouble a door
            log.warning("smtp.refusals_not_counted", error=type(error).__name__)
