"""`secure-mail demo`: everything in one process on loopback, with sample data, ready in seconds."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import uvloop

from secure_mail.bootstrap.data import data_path
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.safety import refuse_unsafe
from secure_mail.domain.sealing import queue_key
from secure_mail.infrastructure.chance import SystemClock
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.migrate import pending, upgrade
from secure_mail.infrastructure.rules.loader import load
from secure_mail.infrastructure.vault.key_making import init_keys
from secure_mail.infrastructure.vault.public_keys import FILE, pin_beside
from secure_mail.infrastructure.vault.self_signed import make_certificate
from secure_mail.run.demo_folder import demo_settings
from secure_mail.run.demo_people import add_people
from secure_mail.run.demo_record import DemoRecord
from secure_mail.run.demo_samples import feed_once
from secure_mail.run.demo_screen import announce, write_ready
from secure_mail.run.lock import hold
from secure_mail.run.logs import configure_logs
from secure_mail.run.process import Process
from secure_mail.settings import Settings, configured_roles


def demo(ready_file: Path | None) -> None:
    """Sets up what is missing, starts, feeds the samples once, and runs until Ctrl-C.

    Raises SafetyError, SettingsError.
    """
    settings = demo_settings(os.environ)
    configure_logs(settings.log_format)
    roles = configured_roles(settings)
    refuse_unsafe(settings, roles)
    record = DemoRecord.open(settings.data_dir)
    with hold(settings.data_dir):
        settings = _with_keys(settings)
        _make_tables(settings)
        parts = Parts(settings, roles)
        parts.check_store()
        record = add_people(parts, record)
        uvloop.run(_run(Process(parts), record, ready_file))


def _with_keys(settings: Settings) -> Settings:
    """Makes keys and certificate if the folder has none, and names them."""
    if not (settings.key_dir / FILE).exists():
        path = settings.rules or data_path("routing_rules.yaml")
        names = sorted(load(path.read_bytes(), str(path)).book.key_names())
        init_keys(settings.key_dir, map(queue_key, names), demo=True)
    certificate, key = make_certificate(settings.data_dir, SystemClock().now())
    return settings.model_copy(
        update={
            "key_pin": settings.key_pin or pin_beside(settings.key_dir),
            "smtp_tls_cert": settings.smtp_tls_cert or certificate,
            "smtp_tls_key": settings.smtp_tls_key or key,
        }
    )


def _make_tables(settings: Settings) -> None:
    database = open_database(settings.database_url.get_secret_value(), pool=1)
    try:
        if pending(database):
            upgrade(database)
    finally:
        database.close()


async def _run(process: Process, record: DemoRecord, ready_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        await process.start()
        fed = asyncio.create_task(asyncio.to_thread(feed_once, process, record))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({fed, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if fed.done():
            known = await fed
            if ready_file is not None:
                write_ready(process, known, ready_file)
            announce(process, known)
        await stopped
    finally:
        await process.stop()
