"""The ASGI application of one address: the doors of pages that this process has."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from secure_mail.application.apps import PublicApp, ReadingApp, StaffApp
from secure_mail.bootstrap.data import STATIC
from secure_mail.bootstrap.parts import Parts
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.pool import ThreadPool
from secure_mail.interfaces.web.probes import Probes
from secure_mail.interfaces.web.public.app import create_public
from secure_mail.interfaces.web.reading.app import create_reading
from secure_mail.interfaces.web.site import Site, create_site
from secure_mail.interfaces.web.staff.app import create_staff


def web_app(
    parts: Parts,
    *,
    public: PublicApp | None,
    reading: ReadingApp | None,
    staff: StaffApp | None,
) -> Site:
    """Whichever of the three are given, on one address."""
    pool = ThreadPool(parts.threads)
    visible = public or reading
    web = web_config(parts, staff_only=visible is None)
    frame = Frame(
        pages=parts.pages,
        texts=parts.texts,
        notices=visible.notices if visible else _no_notices,
        pool=pool,
        web=web,
    )
    return create_site(
        frame,
        Probes(web=web, pool=pool, clock=parts.clock, check=partial(_reads, parts)),
        public=create_public(public, frame) if public else None,
        reading=create_reading(reading, frame) if reading else None,
        staff=create_staff(staff, web, parts.pages, parts.texts, pool) if staff else None,
    )


def web_config(parts: Parts, *, staff_only: bool) -> WebConfig:
    """What the pages are told of their address."""
    settings = parts.settings
    relay = settings.relay_url.get_secret_value()
    return WebConfig(
        base_url=settings.staff_base_url if staff_only else settings.base_url,
        allowed_hosts=() if staff_only else settings.allowed_hosts,
        trusted_proxies=settings.http_trusted_proxies,
        upload_max=settings.upload_max,
        link_days=settings.link_days,
        static=STATIC,
        demo=settings.demo,
        outbox=Path(relay.removeprefix("maildir:")) if relay.startswith("maildir:") else None,
    )


def _reads(parts: Parts) -> None:
    """Raises StoreDownError when the database does not answer."""
    with parts.units.reading() as uow:
        uow.rule_sets.in_force()


def _no_notices(_language: str) -> tuple[str, ...]:
    """Staff pages show none."""
    return ()
