"""`secure-mail serve`: the roles that are configured, until SIGTERM or Ctrl-C.

SIGHUP reads the certificates of the mail doors again.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

import uvloop

from secure_mail.application.ports.safety import SafetyError
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.safety import refuse_unsafe
from secure_mail.run.lock import hold
from secure_mail.run.logs import configure_logs
from secure_mail.run.memory import settle
from secure_mail.run.process import Process
from secure_mail.settings import Role, Settings


def serve(settings: Settings, roles: Sequence[Role]) -> None:
    """Blocks until a signal. Raises SafetyError before anything listens."""
    if settings.demo:
        # Its marker is a file in the data folder: it must not take the service's walls away.
        raise SafetyError(
            "a demo made this folder",
            str(settings.data_dir),
            "Run secure-mail demo, or name another",
        )
    # A terminal that closes, or a request to reload that comes early, ends nothing.
    signal.signal(signal.SIGHUP, lambda *_: None)
    settle()
    configure_logs(settings.log_format)
    refuse_unsafe(settings, roles)
    parts = Parts(settings, tuple(roles))
    parts.check_store()
    with parts.database.writing():
        pass  # a database that another program has locked is told now
    with hold(settings.data_dir):
        uvloop.run(_until_signal(Process(parts)))


async def _until_signal(process: Process) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, process.reload)
    try:
        await process.start()
        await stop.wait()
    finally:
        await process.stop()
