"""HTTP listeners inside our own event loop: uvicorn without its signals and without its logs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

GRACE = 10
"""Seconds that open requests get at a stop."""


def split_bind(bind: str) -> tuple[str, int]:
    """`HOST:PORT` or `[ADDRESS]:PORT`."""
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


def taken(error: OSError, bind: str) -> OSError:
    """The same error, which also says where."""
    number = error.errno or 0
    return OSError(number, os.strerror(number), bind)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's business (`serve`)."""
        yield


class HttpListener:
    """One address that serves one ASGI application. Raises OSError when it is taken."""

    def __init__(self, app: Any, bind: str) -> None:  # noqa: ANN401 - an ASGI application
        self.bind = bind
        host, port = split_bind(bind)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise taken(error, bind) from None
        self._server = _Server(
            uvicorn.Config(
                app,
                http="httptools",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Returns once it accepts connections."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Lets open requests finish for GRACE seconds."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
