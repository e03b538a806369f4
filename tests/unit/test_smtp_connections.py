"""Who is counted as one client at the SMTP door."""

from __future__ import annotations

from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits

MOST = 3


class Session:
    def dismiss(self) -> None: ...
    def cut(self) -> None: ...


def entered(*addresses: str) -> list[bool]:
    limits = SmtpLimits(per_address=MOST)
    config = SmtpConfig(bind="127.0.0.1:0", hostname="mx", site="site", limits=limits)
    connections = Connections(config)
    return [connections.enter(Session(), address) for address in addresses]


def test_a_host_cannot_fill_the_door_with_the_addresses_of_its_ipv6_network() -> None:
    assert entered(*(f"2001:db8:1:2::{n}" for n in range(MOST + 1))) == [True] * MOST + [False]


def test_neighbours_are_counted_apart() -> None:
    assert all(entered(*(f"2001:db8:1:{n}::1" for n in range(MOST + 1))))
    assert all(entered(*(f"192.0.2.{n}" for n in range(MOST + 1))))


def test_who_leaves_makes_room() -> None:
    limits = SmtpLimits(per_address=1)
    config = SmtpConfig(bind="127.0.0.1:0", hostname="mx", site="site", limits=limits)
    connections, first = Connections(config), Session()
    assert connections.enter(first, "2001:db8::1")
    assert not connections.enter(Session(), "2001:db8::2")
    connections.leave(first)
    assert connections.enter(Session(), "2001:db8::2")
