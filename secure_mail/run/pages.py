"""The ASGI application of one address: the doors of pages that this process has."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from secure_mail.application.upkeep.current_notices import CurrentNotices
from secure_mail.bootstrap.data import STATIC
from secure_mail.bootstrap.parts import Parts
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.mta_sts import policy
from secure_mail.interfaces.web.pool import ThreadPool
from secure_mail.interfaces.web.probes import Probes
from secure_mail.interfaces.web.site import Site, create_site


def web_app(parts: Parts, roles: Collection[str]) -> Site:
    """The pages of these roles (web, reading, staff) on one address."""
    pool = ThreadPool(parts.threads)
    web = web_config(parts, staff_only=set(roles) == {"staff"})
    frame = Frame(
        pages=parts.pages,
        texts=parts.texts,
        notices=CurrentNotices(units=parts.units, clock=parts.clock),
        pool=pool,
        web=web,
    )
    public = reading = staff = None
    if "web" in roles:
        from secure_mail.bootstrap.public import public_app
        from secure_mail.interfaces.web.public.app import create_public

        public = create_public(public_app(parts), frame)
    if "reading" in roles:
        from secure_mail.bootstrap.public import reading_app
        from secure_mail.interfaces.web.reading.app import create_reading

        reading = create_reading(reading_app(parts), frame)
    if "staff" in roles:
        from secure_mail.bootstrap.staff import staff_app
        from secure_mail.interfaces.web.staff.app import create_staff

        staff = create_staff(staff_app(parts), web, parts.pages, parts.texts, pool)
    probes = Probes(web=web, pool=pool, clock=parts.clock, check=partial(_reads, parts))
    return create_site(frame, probes, public=public, reading=reading, staff=staff)


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
        backup_days=settings.backup_days,
        static=STATIC,
        demo=settings.demo,
        mta_sts=None
        if staff_only or not settings.mta_sts_mx
        else policy(settings.mta_sts_mx, settings.mta_sts_mode),
        outbox=Path(relay.removeprefix("maildir:")) if relay.startswith("maildir:") else None,
    )


def _reads(parts: Parts) -> None:
    """Raises StoreDownError when the database does not answer."""
    with parts.units.reading() as uow:
        uow.rule_sets.in_force()
