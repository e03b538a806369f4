"""Who is connected: counted in all and per address, and the commits that outlive a connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol, TypeVar

from secure_mail.domain.refusals import RefusalCode
from secure_mail.interfaces.allowance import place_of
from secure_mail.interfaces.smtp.limits import SmtpConfig

T = TypeVar("T")
THIS_MACHINE = "127.0.0.1"
REMEMBERED = 1024


class Connected(Protocol):
    """One session, as the door sees it."""

    @property
    def unproductive(self) -> float:
        """Seconds since it came or has brought a message; 0 of one that need not give way."""
        ...

    def dismiss(self) -> None:
        """Says 421 unless a command is being carried out; it then goes after that."""
        ...

    def give_way(self) -> None:
        """Says 421 and goes: others wait for its place."""
        ...

    def cut(self) -> None: ...


@dataclass(slots=True)
class Tally:
    """What became of the clients of one listener, since the process began: counts alone."""

    open: int = 0
    """Connections now."""
    connections: int = 0
    turned_away: int = 0
    accepted: int = 0
    """Messages, by the `250` after the dot."""
    aborted: int = 0
    """DATA that ended before its dot, or without a reply."""
    handshakes: int = 0
    """That failed."""
    refused: Counter[RefusalCode] = field(default_factory=Counter)


class Connections:
    """The sessions of one listener, each with limits of its own: none can crowd out another."""

    def __init__(self, config: SmtpConfig) -> None:
        self._config = config
        # Remembered: one is asked of every message, the other of every connection, twice.
        self._is_relay = lru_cache(REMEMBERED)(partial(_within, config.trusted_relays))
        self._is_balancer = lru_cache(REMEMBERED)(partial(_within, config.proxies))
        self.tally = Tally()
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
        return self._config.lmtp or self._is_relay(address)

    def proxied(self, address: str) -> bool:
        """Whether the address is a load balancer's, which must say who its client is."""
        return self._is_balancer(address)

    def enter(self, session: Connected, address: str) -> bool:
        """False when the door is full, for everybody or for this address, or closing.

        A full door has room when somebody in it has brought nothing for a while; not for a
        balancer's connection, of which nobody knows yet whether its client may come in.
        """
        entered = not self.draining and len(self._sessions) < self._config.limits.connections
        if not (self.draining or self.proxied(address)):
            entered = self._room_for(address) and (entered or self._made_room())
        if entered:
            self._count(session, place_of(address))
        self.tally.connections += entered
        self.tally.turned_away += not entered
        return entered

    def introduced(self, session: Connected, address: str) -> bool:
        """Counts a balancer's session for its client; False when that one has too many."""
        entered = not self.draining and self._room_for(address)
        if entered:
            self._uncount(session)
            self._count(session, place_of(address))
        self.tally.turned_away += not entered
        return entered

    def _made_room(self) -> bool:
        idlest = max(self._sessions, key=lambda session: session.unproductive)
        if idlest.unproductive < self._config.limits.unproductive:
            return False
        self._uncount(idlest)
        self.tally.turned_away += 1
        idlest.give_way()
        return True

    def _room_for(self, address: str) -> bool:
        few = self._per_address[place_of(address)] < self._config.limits.per_address
        return few or self.relayed(address)

    def _count(self, session: Connected, place: str) -> None:
        self._sessions[session] = place
        self._per_address[place] += 1
        self.tally.open = len(self._sessions)

    def _uncount(self, session: Connected) -> None:
        place = self._sessions.pop(session, None)
        if place is None:
            return
        self._per_address[place] -= 1
        if not self._per_address[place]:
            del self._per_address[place]
        self.tally.open = len(self._sessions)

    def leave(self, session: Connected) -> None:
        """Idempotent."""
        self._uncount(session)
        self._look()

    async def within(self, commit: Coroutine[object, object, T], seconds: float) -> T:
        """The commit's result, if it comes in time; the commit itself runs on, whatever happens.

        Raises TimeoutError, and what the commit raised.
        """
        task = asyncio.create_task(commit)
        self._commits.add(task)
        task.add_done_callback(self._done)
        # Unlike `wait_for`, this leaves the task alone when it is late or nobody waits any more.
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError
        return task.result()

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

    Who comes through a socket in a folder is on this machine. None when the client has left before
    it was greeted.
    """
    if isinstance(peername, str | bytes):
        return THIS_MACHINE
    if not isinstance(peername, tuple):
        return None
    address: IPv4Address | IPv6Address = ip_address(str(peername[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)


def _within(networks: Collection[IPv4Network | IPv6Network], address: str) -> bool:
    return bool(networks) and any(ip_address(address) in network for network in networks)
