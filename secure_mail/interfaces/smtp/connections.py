"""Who is connected: counted in all and per address, and the commits that outlive a connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol, TypeVar

from secure_mail.interfaces.allowance import place_of
from secure_mail.interfaces.smtp.limits import SmtpConfig

T = TypeVar("T")


class Connected(Protocol):
    """One session, as the door sees it."""

    def dismiss(self) -> None:
        """Says 421 unless a command is being carried out; it then goes after that."""
        ...

    def cut(self) -> None: ...


class Connections:
    """The sessions of one listener."""

    def __init__(self, config: SmtpConfig) -> None:
        self._config = config
        self._sessions: dict[Connected, str] = {}
        self._per_address: Counter[str] = Counter()
        self._commits: set[asyncio.Task[object]] = set()
        self._quiet = asyncio.Event()
        self.draining = False
        """The service is stopping."""

    def __len__(self) -> int:
        return len(self._sessions)

    def relayed(self, address: str) -> bool:
        """Whether the address is a trusted relay's."""
        return any(ip_address(address) in net for net in self._config.trusted_relays)

    def enter(self, session: Connected, address: str) -> bool:
        """False when the door is full, for everybody or for this address, or closing."""
        limits, place = self._config.limits, place_of(address)
        crowded = self._per_address[place] >= limits.per_address and not self.relayed(address)
        if self.draining or crowded or len(self._sessions) >= limits.connections:
            return False
        self._sessions[session] = place
        self._per_address[place] += 1
        return True

    def leave(self, session: Connected) -> None:
        """Idempotent."""
        place = self._sessions.pop(session, None)
        if place is not None:
            self._per_address -= Counter({place: 1})
        self._look()

    async def within(self, commit: Coroutine[object, object, T], seconds: float) -> T:
        """The commit's result, if it comes in time; the commit itself runs on, whatever happens.

        Raises TimeoutError, and what the commit raised.
        """
        task = asyncio.create_task(commit)
        self._commits.add(task)
        task.add_done_callback(self._done)
        return await asyncio.wait_for(asyncio.shield(task), seconds)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._commits.discard(task)
        self._look()
        if not task.cancelled():
            task.exception()

    def _look(self) -> None:
        if not self._sessions and not self._commits:
            self._quiet.set()

    async def drained(self, grace: float) -> None:
        """Sends everybody home: the idle at once, the busy when done, the rest after `grace`."""
        self.draining = True
        for session in tuple(self._sessions):
            session.dismiss()
        self._quiet.clear()
        self._look()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), grace)
        for session in tuple(self._sessions):
            session.cut()
        if self._commits:
            await asyncio.wait(self._commits, timeout=self._config.limits.commit)


def address_of(peername: object) -> str | None:
    """The client's IP address: no port, no scope id, IPv4 as IPv4 even on an IPv6 socket.

    None when it has left before it was greeted.
    """
    if not isinstance(peername, tuple):
        return None
    address: IPv4Address | IPv6Address = ip_address(str(peername[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
