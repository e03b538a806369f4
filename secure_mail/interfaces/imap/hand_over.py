"""From a thread of an account into the gate, which lives in the process's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from secure_mail.application.intake.gate import Gate, Receiving
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.messages import Accepted, Envelope
from secure_mail.domain.refusals import Refusal, RefusalCode

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds for one slice or one commit; after it the message is tried again, as a duplicate."""


class HandOver:
    """Hands messages over, one at a time per thread; holds no more than the slice in hand."""

    def __init__(self, gate: Gate, loop: asyncio.AbstractEventLoop) -> None:
        self._gate = gate
        self._loop = loop

    def begin(self, envelope: Envelope) -> Receiving:
        return self._gate.begin(envelope)

    def write(self, receiving: Receiving, chunk: bytes) -> None:
        """Raises Refusal."""
        self._run(receiving.write(chunk))

    def accept(self, receiving: Receiving, evidence: Evidence) -> Accepted:
        """Returns when the message is in. Raises Refusal: then it may be in all the same."""
        (accepted,) = self._run(receiving.accept(evidence))
        return accepted

    def _run(self, act: Coroutine[Any, Any, T]) -> T:
        try:
            waited = asyncio.run_coroutine_threadsafe(act, self._loop)
        except RuntimeError:  # the loop is closed
            act.close()
            raise Refusal(RefusalCode.SHUTTING_DOWN) from None
        try:
            return waited.result(PATIENCE)
        except TimeoutError:
            waited.cancel()
            raise Refusal(RefusalCode.TEMPORARY) from None
        except CancelledError:  # the loop is being closed
            raise Refusal(RefusalCode.SHUTTING_DOWN) from None
