"""`secure-mail health`: whether the roles of this machine answer, as a container asks."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import assert_never
from urllib.parse import urlsplit

from secure_mail.run.alive import alive
from secure_mail.settings import Network, Role, Settings

TIMEOUT = 3.0


def healthy(settings: Settings, role: Role) -> bool:
    """Whether the role answers on its address, or turned lately if it has none."""
    match role:
        case "web" | "reading":
            return _page_answers(settings.http_bind, settings.base_url)
        case "staff":
            return _page_answers(settings.staff_bind or settings.http_bind, settings.staff_base_url)
        case "smtp":
            binds = filter(None, (settings.smtp_bind, settings.smtp_partner_bind))
            return all(_mail_greets(bind, settings.smtp_proxies) for bind in binds)
        case "lmtp":
            return _mail_greets(settings.lmtp_bind)
        case "worker" | "scheduler" | "imap":
            return alive(role, settings.data_dir)
        case _:
            assert_never(role)


def _page_answers(bind: str, site: str) -> bool:
    host, port = _reached(bind)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        # Pages answer to their own name only.
        connection.request("GET", "/healthz", headers={"Host": urlsplit(site).netloc})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _mail_greets(bind: str, proxies: Collection[Network] = ()) -> bool:
    try:
        with _connected(bind) as connection:
            if _spoken_for(connection, proxies):
                connection.sendall(b"PROXY UNKNOWN\r\n")
            greeting = connection.recv(3)
            connection.sendall(b"QUIT\r\n")
            return greeting == b"220"
    except OSError:
        return False


def _spoken_for(connection: socket.socket, proxies: Collection[Network]) -> bool:
    """Whether we come from where load balancers do, and must begin as they do."""
    return any(ip_address(connection.getsockname()[0]) in network for network in proxies)


def _connected(bind: str) -> socket.socket:
    """`HOST:PORT`, or the path of a socket."""
    if not bind.startswith("/"):
        return socket.create_connection(_reached(bind), timeout=TIMEOUT)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT)
    connection.connect(bind)
    return connection


def _reached(bind: str) -> tuple[str, int]:
    """A listener on every address is asked on loopback."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port)  # noqa: S104
