"""Who is counted as one client at the SMTP door."""

from __future__ import annotations

from ipaddress import ip_network

from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits

MOST = 3


class Session:
    unproductive = 0.0

    def dismiss(self) -> None: ...
    def give_way(self) -> None: ...
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


def test_who_is_introduced_is_counted_for_its_client() -> None:
    limits = SmtpLimits(per_address=1, connections=3)
    balancers = (ip_network("192.0.2.1/32"),)
    config = SmtpConfig(
        bind="127.0.0.1:0", hostname="mx", site="site", limits=limits, proxies=balancers
    )
    connections, sessions = Connections(config), [Session() for _ in range(4)]
    assert [connections.enter(session, "192.0.2.1") for session in sessions] == [True] * 3 + [False]
    clients = ("198.51.100.7", "198.51.100.7", "198.51.100.8")
    introduced = [
        connections.introduced(session, client)
        for session, client in zip(sessions, clients, strict=False)
    ]
    assert introduced == [True, False, True]
    connections.leave(sessions[0])
    assert connections.introduced(sessions[1], "198.51.100.7")
    assert (connections.tally.open, connections.tally.turned_away) == (2, 2)


def test_everybody_who_reaches_lmtp_is_a_relay() -> None:
    config = SmtpConfig(bind="/run/lmtp.sock", hostname="mx", site="site", lmtp=True)
    assert Connections(config).relayed("127.0.0.1")
