"""The ways into a real IMAP server: PLAIN, LOGIN, a file, and XOAUTH2 with a token command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.interfaces.imap.session import opened
from tests.conftest import required
from tests.imap_rig import Rig, account, letter, until
from tests.services import dovecot
from tests.services.dovecot import PASSWORD, Dovecot

USER = "perintakeskus@kela.test"
GOOD = "token-that-is-good"
PRINTS = """#!/bin/sh
read -r first <"{folder}/tokens" || exit 1
sed -i 1d "{folder}/tokens"
echo "$first" >>"{folder}/asked"
echo "$first"
"""


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.threads.shutdown()


@contextmanager
def served(**differently: str) -> Iterator[Dovecot]:
    binary = required(dovecot.binary(), "Dovecot")
    with dovecot.running(binary, USER, **differently) as server:
        yield server


class Judge(BaseHTTPRequestHandler):
    """An authorisation server that Dovecot asks about tokens (RFC 7662)."""

    def do_GET(self) -> None:
        token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
        body = json.dumps({"active": token == GOOD, "username": USER}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def tokens() -> Iterator[Dovecot]:
    """A Dovecot that takes tokens, and whoever judges them."""
    judge = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
    thread = Thread(target=judge.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{judge.server_port}/introspect?token="
        with served(introspection=url) as server:
            yield server
    finally:
        judge.shutdown()
        thread.join(10)
        judge.server_close()


def command(folder: Path, *tokens: str) -> str:
    """A program that prints one token after another, and writes down what it was asked."""
    (folder / "tokens").write_text("".join(f"{token}\n" for token in tokens))
    program = folder / "token"
    program.write_text(PRINTS.format(folder=folder))
    program.chmod(0o755)
    return str(program)


def asked(folder: Path) -> list[str]:
    file = folder / "asked"
    return file.read_text().split() if file.exists() else []


def test_with_plain(rig):
    with served() as server:
        server.deliver(USER, letter(1))
        with rig.fetching(account(server, USER)):
            rig.waits_for(1)
        assert "method=PLAIN" in server.log


class OldServer(StreamRequestHandler):
    """Speaks as far as LOGIN, and keeps what it was sent."""

    said: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            self.said.append(line)
            tag, _, rest = line.partition(b" ")
            if rest.startswith(b"CAPABILITY"):
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            if rest.startswith(b"LOGOUT"):
                self.wfile.write(b"* BYE\r\n")
            self.wfile.write(tag + b" OK done\r\n")


def test_with_login_where_there_is_no_plain():
    """The library quotes the password, and would send a user with a blank or a quote as it is."""
    with ThreadingTCPServer(("127.0.0.1", 0), OldServer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        address = f"127.0.0.1:{server.server_address[1]}"
        user, password = quote('the "desk"\\'), quote('correct "horse"')
        (old,) = parse_accounts([f"imap://{user}:{password}@{address}/INBOX?mailbox=m"])
        try:
            with opened(old, {}):
                pass
        finally:
            server.shutdown()
            thread.join(10)
    (login,) = [line for line in OldServer.said if b"LOGIN" in line]
    assert login.split(b" ", 1)[1] == rb'''LOGIN "the \"desk\"\\" "correct \"horse\""''' + b"\r\n"


def test_with_a_password_file_that_changes(rig, tmp_path):
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text("wrong\n")
    with served() as server:
        server.deliver(USER, letter(1))
        with rig.fetching(account(server, USER, password_file=str(file))) as pollers:
            until(lambda: pollers.progress()[0].failures, "the wrong one is refused")
            file.write_text(PASSWORD + "\n")
            rig.waits_for(1)


def test_with_a_token_that_is_asked_for_before_every_login(rig, tokens, tmp_path):
    program = command(tmp_path, GOOD, GOOD)
    tokens.deliver(USER, letter(1))
    with rig.fetching(account(tokens, USER, token_command=program)) as pollers:
        rig.waits_for(1)
        assert asked(tmp_path) == [GOOD]
        tokens.stop()
        until(lambda: not pollers.progress()[0].connected, "the end is noticed")
        tokens.start()
        tokens.deliver(USER, letter(2))
        rig.waits_for(2)
    assert asked(tmp_path) == [GOOD, GOOD]
    assert "method=XOAUTH2" in tokens.log


def test_a_token_that_has_ended_is_asked_for_once_more(rig, tokens, tmp_path):
    program = command(tmp_path, "token-that-has-ended", GOOD)
    tokens.deliver(USER, letter(1))
    with rig.fetching(account(tokens, USER, token_command=program)) as pollers:
        rig.waits_for(1)
        assert pollers.progress()[0].failures == 0
    assert asked(tmp_path) == ["token-that-has-ended", GOOD]


def test_a_command_that_fails_is_tried_again_later(rig, tokens, tmp_path, capsys):
    program = command(tmp_path)
    tokens.deliver(USER, letter(1))
    with rig.fetching(account(tokens, USER, token_command=program)) as pollers:
        until(lambda: pollers.progress()[0].failures, "there is no token")
        assert rig.messages == []
        (tmp_path / "tokens").write_text(f"{GOOD}\n")
        rig.waits_for(1)
    told = capsys.readouterr()
    assert "imap.not-signed-in" in told.out + told.err
    assert GOOD not in told.out + told.err
    assert USER not in told.out + told.err
