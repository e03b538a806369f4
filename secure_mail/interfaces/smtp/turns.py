"""Threads that one client may hold: however many it is waited for, the others get theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """At most `most` calls at once for each name; more of that name wait in line."""

    def __init__(self, threads: Executor, most: int) -> None:
        self._threads = threads
        self._most = most
        self._lines: dict[str, asyncio.Semaphore] = {}
        self._members: dict[str, int] = {}

    async def run(self, name: str, call: Callable[[], T]) -> T:
        """What the call returns, or raises.

        A caller that waits no longer leaves the line at once; a thread that works for it is its
        turn until it ends.
        """
        line = self._lines.setdefault(name, asyncio.Semaphore(self._most))
        self._members[name] = self._members.get(name, 0) + 1
        try:
            await line.acquire()
        except BaseException:
            self._leave(name)
            raise
        try:
            work = self._threads.submit(call)
        except BaseException:
            self._over(name)
            raise
        loop = asyncio.get_running_loop()

        def ended(_work: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(self._over, name)

        work.add_done_callback(ended)
        return await asyncio.wrap_future(work)

    def _over(self, name: str) -> None:
        self._lines[name].release()
        self._leave(name)

    def _leave(self, name: str) -> None:
        self._members[name] -= 1
        if not self._members[name]:
            del self._members[name], self._lines[name]
