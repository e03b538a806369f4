"""health: asks a role where it listens, under the name that its pages answer to."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from secure_mail.run.health import healthy
from secure_mail.settings import Settings

SITE, STAFF = "https://mail.example", "https://staff.example:9443"


class Pages(BaseHTTPRequestHandler):
    """Alive under one name only."""

    host = ""

    def do_GET(self):
        well = self.path == "/healthz" and self.headers["Host"] == self.host
        self.send_response(200 if well else 503)
        self.end_headers()

    def log_message(self, *_facts):
        pass


@contextmanager
def pages(host):
    server = HTTPServer(("127.0.0.1", 0), type("One", (Pages,), {"host": host}))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def greeting(octets):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            connection, _ = server.accept()
            with connection:
                connection.sendall(octets)
                connection.recv(16)

        thread = Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def settings(**binds):
    return Settings(base_url=SITE, staff_base_url=STAFF, **binds)


@pytest.mark.parametrize("role", ["web", "reading"])
def test_public_pages_are_asked_under_their_name(role):
    with pages("mail.example") as port:
        assert healthy(settings(http_bind=f"0.0.0.0:{port}"), role)
    with pages("another.example") as port:
        assert not healthy(settings(http_bind=f"127.0.0.1:{port}"), role)


def test_staff_pages_have_an_address_of_their_own():
    with pages("staff.example:9443") as port:
        assert healthy(settings(staff_bind=f"127.0.0.1:{port}"), "staff")
        assert not healthy(settings(http_bind=f"127.0.0.1:{port}"), "web")


@pytest.mark.parametrize(
    ("said", "well"), [(b"220 mail.example\r\n", True), (b"421 busy\r\n", False)]
)
def test_the_smtp_door_is_well_when_it_greets(said, well):
    with greeting(said) as port:
        assert healthy(settings(smtp_bind=f"127.0.0.1:{port}"), "smtp") is well


def test_where_nobody_listens_nobody_is_well():
    nowhere = settings(http_bind="127.0.0.1:1", smtp_bind="127.0.0.1:1")
    assert not healthy(nowhere, "web")
    assert not healthy(nowhere, "smtp")
