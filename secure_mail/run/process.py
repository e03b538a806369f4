"""All that one process runs: the doors of its roles in one event loop, the work in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import structlog

from secure_mail.bootstrap.inside import scheduler_app, staff_app
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import mail_app, public_app, reading_app
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits
from secure_mail.interfaces.smtp.server import SmtpDoor
from secure_mail.interfaces.worker.schedule import Schedule
from secure_mail.run.alive import Pulse
from secure_mail.run.listening import HttpListener
from secure_mail.run.metrics import MetricsApp
from secure_mail.run.pages import web_app
from secure_mail.run.working import Working
from secure_mail.settings import Role

log = structlog.get_logger("process")

SMTP_GRACE = 20.0
SWEEP_SECONDS = 15 * 60
RETURN_SECONDS = 60 * 60
WEB_ROLES: frozenset[Role] = frozenset({"web", "reading", "staff"})


@dataclass
class Process:
    """Started and stopped once. Roles that share an address are one application there."""

    parts: Parts
    listeners: dict[str, HttpListener] = field(default_factory=dict)
    smtp: SmtpDoor | None = None
    working: Working | None = None
    schedule: Schedule | None = None
    pulses: list[Pulse] = field(default_factory=list)

    async def start(self) -> None:
        """Returns once every door answers. Raises SafetyError, OSError (an address is taken)."""
        roles = set(self.parts.roles)
        if "worker" in roles:
            self.working = Working(self.parts)
            self._beats("worker", self.working)
            self.working.start()
        if "scheduler" in roles:
            self.schedule = self._schedule()
            self._beats("scheduler", self.schedule)
            self.schedule.start()
        for name, bind, app in self._web(roles):
            self.listeners[name] = HttpListener(app, bind)
            await self.listeners[name].start()
        if "smtp" in roles:
            self.smtp = self._smtp()
            await self.smtp.start()
        log.info("process.ready", roles=sorted(roles), keys=self._separation())

    async def stop(self) -> None:
        """Doors first, so that nothing new comes in; then the work that is under way."""
        for pulse in self.pulses:
            pulse.stop()
        if self.smtp is not None:
            await self.smtp.stop(SMTP_GRACE)
        for listener in self.listeners.values():
            await listener.stop()
        if self.working is not None:
            await asyncio.to_thread(self.working.stop)
        if self.schedule is not None:
            await asyncio.to_thread(self.schedule.stop)
        await asyncio.to_thread(self.parts.close)
        log.info("process.stopped")

    def _web(self, roles: Collection[Role]) -> list[tuple[str, str, Any]]:
        """Name, address and application of each HTTP listener."""
        parts, settings = self.parts, self.parts.settings
        public = public_app(parts) if "web" in roles else None
        reading = reading_app(parts) if "reading" in roles else None
        staff = staff_app(parts) if "staff" in roles else None
        apart = settings.staff_bind is not None
        found: list[tuple[str, str, Any]] = []
        if public or reading or (staff and not apart):
            beside = None if apart else staff
            app = web_app(parts, public=public, reading=reading, staff=beside)
            found.append(("http", settings.http_bind, app))
        if staff and settings.staff_bind is not None:
            app = web_app(parts, public=None, reading=None, staff=staff)
            found.append(("staff", settings.staff_bind, app))
        if settings.metrics_bind is not None:
            found.append(("metrics", settings.metrics_bind, MetricsApp(parts)))
        return found

    def _smtp(self) -> SmtpDoor:
        settings = self.parts.settings
        app = mail_app(self.parts)
        config = SmtpConfig(
            bind=settings.smtp_bind,
            hostname=urlsplit(settings.base_url).hostname or "localhost",
            site=self.parts.host,
            tls_certificate=settings.smtp_tls_cert,
            tls_key=settings.smtp_tls_key,
            require_tls=settings.smtp_require_tls,
            trusted_relays=settings.smtp_trusted_relays,
            limits=SmtpLimits(
                max_size=settings.smtp_max_size,
                connections=settings.smtp_max_connections,
                per_address=settings.smtp_max_connections_per_address,
            ),
        )
        return SmtpDoor(
            config,
            gate=app.gate,
            ready=app.ready,
            check_recipient=app.check_recipient,
            judge_arrival=app.judge_arrival,
            rules=app.rules,
            threads=app.threads,
        )

    def _schedule(self) -> Schedule:
        app = scheduler_app(self.parts)
        return Schedule(
            {
                "sweep": (SWEEP_SECONDS, app.sweep),
                "return-unread": (RETURN_SECONDS, app.return_unread),
            }
        )

    def _beats(self, role: Role, turns: Working | Schedule) -> None:
        pulse = Pulse(role, self.parts.settings.data_dir, lambda: turns.turning)
        pulse.start()
        self.pulses.append(pulse)

    def _separation(self) -> str:
        """Whether a compromised door could open mail: said at every start (architecture, 10)."""
        doors = {"web", "smtp"} & set(self.parts.roles)
        private = {"reading", "worker", "staff"} & set(self.parts.roles)
        return "shared-process" if doors and private else "apart"
