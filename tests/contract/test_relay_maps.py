"""`secure-mail relay-maps`: what a Postfix in front is told, and when it is told anew."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import required
from tests.services import postfix

FILES = {
    "header_checks",
    "relay_domains",
    "relay_recipients",
    "relay_recipients.regexp",
    "tls_policy",
    "transport",
}
BOUNCE = "bounces+" + "a2" * 24 + "@kela.fi"


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_mailboxes_and_nothing_else(program):
    found = program("relay-maps", "--json").json
    assert found["domain"] == "kela.fi"
    assert found["recipients"] == sorted(found["recipients"])
    assert {"postmaster@kela.fi", "abuse@kela.fi", "perintakeskus@kela.fi"} < set(
        found["recipients"]
    )
    assert "securemail@kela.fi" not in found["recipients"]
    (pattern,) = found["patterns"]
    assert re.search(pattern, BOUNCE)
    assert not re.search(pattern, f"x{BOUNCE}")
    assert set(found["files"]) == FILES
    assert lines(found["files"]["relay_recipients"]) == [f"{a} OK" for a in found["recipients"]]


@pytest.mark.parametrize(
    ("settings", "transport", "policy"),
    [
        (
            {"SMTP_BIND": "0.0.0.0:8025"},
            "smtp:[127.0.0.1]:8025",
            ["[127.0.0.1]:8025 secure match=mail.example.org"],
        ),
        (
            {"SMTP_BIND": "[::]:8025"},
            "smtp:[IPv6:::1]:8025",
            ["[IPv6:::1]:8025 secure match=mail.example.org"],
        ),
        ({"LMTP_BIND": "/run/secure-mail/lmtp.sock"}, "lmtp:unix:/run/secure-mail/lmtp.sock", []),
        ({"LMTP_BIND": "127.0.0.1:8024"}, "lmtp:inet:[127.0.0.1]:8024", []),
    ],
)
def test_the_way_follows_the_settings(program, settings, transport, policy):
    files = program("relay-maps", "--json", BASE_URL="https://mail.example.org", **settings).json[
        "files"
    ]
    assert lines(files["transport"]) == [f"kela.fi {transport}"]
    assert lines(files["tls_policy"]) == policy


def test_the_way_may_be_named(program):
    files = program("relay-maps", "--json", "--next-hop", "smtp:[192.0.2.7]:25").json["files"]
    assert lines(files["transport"]) == ["kela.fi smtp:[192.0.2.7]:25"]
    wrong = program("relay-maps", "--next-hop", "smtp:[192.0.2.7]:25\nroot: x")
    assert "--next-hop must be such as" in wrong.line


def test_it_is_printed_the_same_each_time(program):
    once, again = program("relay-maps"), program("relay-maps")
    assert once.out == again.out
    assert all(f"# --- {name}\n" in once.out for name in FILES)


def test_files_are_written_whole_and_only_when_they_differ(program, tmp_path):
    folder = tmp_path / "maps"
    folder.mkdir()
    first = program("relay-maps", "--output", str(folder), "--json")
    assert set(first.json["changed"]) == FILES
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert "nothing has changed" in program("relay-maps", "--output", str(folder)).err
    (folder / "transport").write_text("kela.fi discard:\n")
    again = program("relay-maps", "--output", str(folder), "--json")
    assert again.json["changed"] == ["transport"]
    assert (folder / "transport").read_text() == first.json["files"]["transport"]


def test_a_folder_that_is_not_there_is_one_line(program, tmp_path):
    assert "not a directory" in program("relay-maps", "--output", str(tmp_path / "absent")).line


@pytest.mark.parametrize(
    ("map_type", "name", "key", "value"),
    [
        ("texthash", "relay_recipients", "perintakeskus@kela.fi", "OK"),
        ("texthash", "relay_recipients", "securemail@kela.fi", ""),
        ("texthash", "relay_domains", "kela.fi", "OK"),
        ("texthash", "relay_domains", "sub.kela.fi", ""),
        ("texthash", "transport", "kela.fi", "smtp:[127.0.0.1]:8025"),
        ("regexp", "relay_recipients.regexp", BOUNCE, "OK"),
        ("regexp", "relay_recipients.regexp", BOUNCE.upper(), "OK"),
        ("regexp", "relay_recipients.regexp", "bounces+short@kela.fi", ""),
        ("regexp", "header_checks", "Authentication-Results: mx-1.example.org; x", "IGNORE"),
        ("regexp", "header_checks", "Authentication-Results: mx-2.example.org; x", ""),
        ("regexp", "header_checks", "Subject: Authentication-Results: mx-1.example.org", ""),
    ],
)
def test_postfix_reads_them_as_they_are_meant(program, tmp_path, map_type, name, key, value):
    required(postfix.binary(), "Postfix")
    program("relay-maps", "--output", str(tmp_path), AUTHSERV_ID="mx-1.example.org")
    asked = subprocess.run(
        ["postmap", "-q", key, f"{map_type}:{tmp_path}/{name}"],
        env={"PATH": "/usr/sbin:/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.stdout.strip() == value
    assert not asked.stderr
