"""The PROXY header: what a balancer writes is read exactly, all else is told apart from it."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.interfaces.smtp import proxy
from secure_mail.interfaces.smtp.proxy import Introduction, ProxyError

ports = st.integers(0, 65535)


def binary(family: int, body: bytes, command: int = 0x21) -> bytes:
    return proxy.SIGNATURE + bytes([command, family]) + len(body).to_bytes(2, "big") + body


def text(*words: object) -> bytes:
    return " ".join(["PROXY", *map(str, words)]).encode() + b"\r\n"


@st.composite
def headers(draw: st.DrawFn) -> tuple[bytes, str | None]:
    """A header, and whose address it tells."""
    v4, v6 = draw(st.ip_addresses(v=4)), draw(st.ip_addresses(v=6))
    assert isinstance(v4, IPv4Address)
    assert isinstance(v6, IPv6Address)
    plain = str(v6.ipv4_mapped or v6)
    sport, dport = draw(ports), draw(ports)
    both = sport.to_bytes(2, "big") + dport.to_bytes(2, "big")
    more = draw(st.binary(max_size=300))
    return draw(
        st.sampled_from(
            [
                (text("TCP4", v4, "192.0.2.1", sport, dport), str(v4)),
                (text("TCP6", v6, "2001:db8::1", sport, dport), plain),
                (text("UNKNOWN"), None),
                (text("UNKNOWN", "ffff::1", "whatever"), None),
                (binary(0x11, v4.packed + v4.packed + both + more), str(v4)),
                (binary(0x21, v6.packed + v6.packed + both + more), plain),
                (binary(0x00, more), None),
                (binary(0x31, more), None),
                (binary(0x11, more, command=0x20), None),
            ]
        )
    )


@given(headers(), st.binary(max_size=50))
def test_a_header_is_read_to_its_end_and_no_further(header, what_follows):
    octets, address = header
    assert proxy.read(octets + what_follows) == Introduction(address, len(octets))


@given(headers())
def test_of_every_beginning_more_is_awaited(header):
    octets, _ = header
    for end in range(len(octets)):
        assert proxy.read(octets[:end]) is None


@given(st.binary(max_size=200))
def test_whatever_else_comes_is_refused_or_awaited(junk):
    try:
        found = proxy.read(junk)
    except ProxyError:
        return
    assert found is None or found.length <= len(junk)


@given(st.sampled_from([b"PROXY ", b"PROXY TCP4 ", proxy.SIGNATURE]), st.binary(max_size=5000))
def test_no_wait_without_an_end(beginning, junk):
    octets = (beginning + junk).ljust(proxy.MAX_BINARY, b"x")
    with suppress(ProxyError):
        assert proxy.read(octets) is not None


@pytest.mark.parametrize(
    "octets",
    [
        b"EHLO x\r\n",
        b"\r\nEHLO x\r\n",
        b"PROXYTCP4 192.0.2.7 192.0.2.1 1 25\r\n",
        b"proxy TCP4 192.0.2.7 192.0.2.1 1 25\r\n",
        b"PROXY\r\n",
        text(),
        text("TCP4"),
        text("TCP5", "192.0.2.7", "192.0.2.1", 1, 25),
        text("UDP4", "192.0.2.7", "192.0.2.1", 1, 25),
        text("TCP4", "192.0.2.7", "192.0.2.1", 1),
        text("TCP4", "192.0.2.7", "192.0.2.1", 1, 25, 26),
        text("TCP4", "192.0.2.7", "192.0.2.1", 1, 65536),
        text("TCP4", "192.0.2.7", "192.0.2.1", "01", 25),
        text("TCP4", "192.0.2.7", "192.0.2.1", "", 25),
        text("TCP4", "192.0.2.7", "192.0.2.1", "１", 25),
        text("TCP4", "192.0.2.07", "192.0.2.1", 1, 25),
        text("TCP4", "192.0.2.7", "nowhere", 1, 25),
        text("TCP4", "2001:db8::7", "2001:db8::1", 1, 25),
        text("TCP6", "192.0.2.7", "192.0.2.1", 1, 25),
        text("TCP6", "fe80::1%eth0", "2001:db8::1", 1, 25),
        text("UNKNOWN", "x" * 100),
        b"PROXY TCP4 192.0.2.7  192.0.2.1 1 25\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 25\n" + b" " * 100,
        binary(0x11, b"1234"),
        binary(0x21, b"1" * 35),
        binary(0x12, b"1" * 12),
        binary(0x41, b"1" * 12),
        binary(0x11, b"1" * 12, command=0x22),
        binary(0x11, b"1" * 12, command=0x11),
        binary(0x11, b"1" * 5000),
    ],
)
def test_malformed(octets):
    with pytest.raises(ProxyError):
        proxy.read(octets)
