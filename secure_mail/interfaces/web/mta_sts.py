"""The policy that tells senders to insist on TLS (RFC 8461), at `/.well-known/mta-sts.txt`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

MAX_AGE = 604_800
"""Seconds that a sender keeps it: a week, so that a mistake is forgotten."""


def policy(hosts: Sequence[str], mode: str) -> str:
    """The file: `hosts` are the MX hosts of the mail domain, `mode` testing or enforce."""
    lines = [
        "version: STSv1",
        f"mode: {mode}",
        *(f"mx: {host}" for host in hosts),
        f"max_age: {MAX_AGE}",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def policy_id(hosts: Sequence[str], mode: str) -> str:
    """What the TXT record must name: another policy has another id (RFC 8461, 3.1)."""
    return hashlib.sha256(policy(hosts, mode).encode()).hexdigest()[:16]
