"""All that one process runs: the doors of its roles in one event loop, the work in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from secure_mail.bootstrap.parts import Parts
from secure_mail.interfaces.worker.schedule import Schedule
from secure_mail.run.alive import Pulse
from secure_mail.run.listening import HttpListener
from secure_mail.settings import Role

if TYPE_CHECKING:
    from secure_mail.interfaces.imap.pollers import Pollers
    from secure_mail.interfaces.policy.server import PolicyListener
    from secure_mail.interfaces.smtp.connections import Tally
    from secure_mail.interfaces.smtp.server import SmtpDoor
    from secure_mail.run.working import Working

log = structlog.get_logger("process")

SMTP_GRACE = 20.0
SWEEP_SECONDS = 15 * 60
RETURN_SECONDS = 60 * 60


@dataclass
class Process:
    """Started and stopped once. Roles that share an address are one application there.

    Each role's code is imported when the role is present: a worker loads no pages.
    """

    parts: Parts
    listeners: dict[str, HttpListener] = field(default_factory=dict)
    smtp: SmtpDoor | None = None
    lmtp: SmtpDoor | None = None
    policy: PolicyListener | None = None
    fetching: Pollers | None = None
    working: Working | None = None
    schedule: Schedule | None = None
    pulses: list[Pulse] = field(default_factory=list)
    ready: bool = False

    async def start(self) -> None:
        """Returns once every door answers. Raises SafetyError, OSError (an address is taken).

        All is built before anything starts: what is missing is told while nothing runs half.
        """
        roles = set(self.parts.roles)
        working = self._working() if "worker" in roles else None
        schedule = self._schedule() if "scheduler" in roles else None
        self.fetching = self._fetching() if "imap" in roles else None
        self._mail(roles)
        for name, bind, app in self._web(roles):
            self.listeners[name] = HttpListener(app, bind)
        for listener in self.listeners.values():
            await listener.start()
        for door in self._mail_doors:
            await door.start()
        if self.policy is not None:
            await self.policy.start()
        if self.fetching is not None:
            self.fetching.start()
            self._beats("imap", self.fetching)
        if working is not None:
            working.start()
            self.working = working
            self._beats("worker", working)
        if schedule is not None:
            schedule.start()
            self.schedule = schedule
            self._beats("scheduler", schedule)
        self.ready = True
        log.info("process.ready", roles=sorted(roles), keys=self._separation(), doors=self._doors())

    def reload(self) -> None:
        """Reads again what may change beside a running process: certificates of the mail doors."""
        for door in self._mail_doors:
            door.reload()

    async def stop(self) -> None:
        """Doors first, so that nothing new comes in; then the work that is under way."""
        for pulse in self.pulses:
            pulse.stop()
        if self.fetching is not None:
            await asyncio.to_thread(self.fetching.stop)
        if self.policy is not None:
            await self.policy.stop()
        await asyncio.gather(*(door.stop(SMTP_GRACE) for door in self._mail_doors))
        for listener in self.listeners.values():
            await listener.stop()
        if self.working is not None:
            await asyncio.to_thread(self.working.stop)
        if self.schedule is not None:
            await asyncio.to_thread(self.schedule.stop)
        await asyncio.to_thread(self.parts.close)
        if self.ready:
            log.info("process.stopped")

    def _web(self, roles: Collection[Role]) -> list[tuple[str, str, Any]]:
        """Name, address and application of each HTTP listener."""
        parts, settings = self.parts, self.parts.settings
        visible, staff = {"web", "reading"} & set(roles), {"staff"} & set(roles)
        apart = settings.staff_bind is not None
        found: list[tuple[str, str, Any]] = []
        if visible or (staff and not apart):
            from secure_mail.run.pages import web_app

            here = visible if apart else visible | staff
            found.append(("http", settings.http_bind, web_app(parts, here)))
        if staff and settings.staff_bind is not None:
            from secure_mail.run.pages import web_app

            found.append(("staff", settings.staff_bind, web_app(parts, staff)))
        if settings.metrics_bind is not None:
            from secure_mail.run.metrics import MetricsApp

            accounts = self.fetching.progress if self.fetching else None
            mail = self._figures if self._mail_doors else None
            found.append(("metrics", settings.metrics_bind, MetricsApp(parts, accounts, mail)))
        return found

    def _working(self) -> Working:
        from secure_mail.run.working import Working

        return Working(self.parts)

    def _mail(self, roles: Collection[Role]) -> None:
        if "smtp" in roles:
            from secure_mail.run.mail import smtp_door

            self.smtp = smtp_door(self.parts)
        if "lmtp" in roles:
            from secure_mail.run.mail import lmtp_door

            self.lmtp = lmtp_door(self.parts)
        if self._mail_doors and self.parts.settings.policy_bind:
            from secure_mail.run.policy import policy_listener

            self.policy = policy_listener(self.parts)

    @property
    def _mail_doors(self) -> list[SmtpDoor]:
        return [door for door in (self.smtp, self.lmtp) if door is not None]

    def _figures(self) -> dict[str, Tally]:
        return {
            listener.name: listener.connections.tally
            for door in self._mail_doors
            for listener in door.listeners
        }

    def _doors(self) -> dict[str, str]:
        """Name and address of everything that listens."""
        found = {name: listener.bind for name, listener in self.listeners.items()}
        for door in self._mail_doors:
            found |= {listener.name: listener.bind for listener in door.listeners}
        if self.policy is not None:
            found["policy"] = self.policy.bind
        return found

    def _fetching(self) -> Pollers:
        from secure_mail.run.fetching import pollers_of

        return pollers_of(self.parts)

    def _schedule(self) -> Schedule:
        from secure_mail.bootstrap.upkeep import scheduler_app

        app = scheduler_app(self.parts)
        return Schedule(
            {
                "sweep": (SWEEP_SECONDS, app.sweep),
                "return-unread": (RETURN_SECONDS, app.return_unread),
            }
        )

    def _beats(self, role: Role, turns: Working | Schedule | Pollers) -> None:
        pulse = Pulse(role, self.parts.settings.data_dir, lambda: turns.turning)
        pulse.start()
        self.pulses.append(pulse)

    def _separation(self) -> str:
        """Whether a compromised door could open mail: said at every start (architecture, 10)."""
        doors = {"web", "smtp", "lmtp", "imap"} & set(self.parts.roles)
        private = {"reading", "worker", "staff"} & set(self.parts.roles)
        return "shared-process" if doors and private else "apart"
