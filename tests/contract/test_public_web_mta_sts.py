"""`/.well-known/mta-sts.txt`: the policy of RFC 8461, when there is one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from secure_mail.interfaces.web.mta_sts import policy, policy_id
from tests.web_world import WebWorld

HOSTS = ("mx1.example.org", "mx2.example.org")
PATH = "/.well-known/mta-sts.txt"


def asked(**web: object) -> object:
    with ThreadPoolExecutor(1) as threads:
        return WebWorld(threads, **web).browser().get(PATH)


def test_the_policy_names_every_mx_and_the_mode():
    answer = asked(mta_sts=policy(HOSTS, "enforce"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    # RFC 8461, 3.2: lines end in CRLF or LF, the version comes first.
    assert answer.text.split("\r\n") == [
        "version: STSv1",
        "mode: enforce",
        "mx: mx1.example.org",
        "mx: mx2.example.org",
        "max_age: 604800",
        "",
    ]


def test_without_a_policy_there_is_no_such_page():
    assert asked().status_code == 404


def test_another_policy_has_another_id():
    ids = {
        policy_id(HOSTS, "testing"),
        policy_id(HOSTS, "enforce"),
        policy_id(HOSTS[:1], "testing"),
    }
    assert len(ids) == 3
    # RFC 8461, 3.1: one to 32 letters or digits.
    assert all(found.isalnum() and len(found) <= 32 for found in ids)
