"""PROXY: from load balancers it must come, from anybody else it must not."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from secure_mail.interfaces.smtp import proxy
from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

HERE = ("127.0.0.0/8",)
PARTNERS_NETWORK = "192.0.2.0/28"
TEXT = b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 25\r\n"
BINARY = (
    proxy.SIGNATURE + b"\x21\x11\x00\x0f\xc0\x00\x02\x07\xc0\x00\x02\x01\x9c\x40\x00\x19\x04\0\0"
)
BOTH = pytest.mark.parametrize("header", [TEXT, BINARY])
LOCAL = proxy.SIGNATURE + b"\x20\x00\x00\x00"
NO_CLIENT = pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", LOCAL])


def playing(tmp_path, story, *, uv: bool = False, **parts: object) -> None:
    parts.setdefault("proxies", HERE)
    play(tmp_path, story, uv=uv, partner_networks=(PARTNERS_NETWORK,), **parts)


async def handed_over(client: Client) -> str:
    await client.secured()
    await client.envelope(PARTNER, US)
    return await client.data(LETTER)


@BOTH
@pytest.mark.parametrize("uv", [False, True])
def test_the_client_is_whom_the_balancer_names(tmp_path, header, uv):
    async def story(rig: Rig) -> None:
        async with rig.client(first=header) as client:
            assert (await handed_over(client)).startswith("250 ")
        (stored,) = rig.stored
        evidence = rig.evidence(stored)
        assert (evidence.peer, evidence.checks) == ("192.0.2.7", ("network", "tls"))

    playing(tmp_path, story, uv=uv)


@BOTH
def test_a_header_in_pieces_and_with_commands_behind_it(tmp_path, header):
    async def story(rig: Rig) -> None:
        reader, writer = await asyncio.open_connection(*rig.door.address)
        for octet in header + b"EHLO x\r\nQUIT\r\n":
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).startswith(b"220 ")
        writer.close()

    playing(tmp_path, story)


@pytest.mark.parametrize("first", [b"EHLO x\r\n", b"\x16\x03\x01junk", b"PROXY nonsense\r\n"])
def test_a_balancer_that_does_not_say_who_connects_is_not_served(tmp_path, first):
    async def story(rig: Rig) -> None:
        async with rig.client(first=first) as client:
            assert client.greeting == ""
        assert not len(rig.door._connections)

    playing(tmp_path, story)


def test_a_balancer_that_says_nothing_is_not_waited_for(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client(first=TEXT[:10]) as client:
            assert client.greeting == "421 4.4.2 mx.kela.fi Timeout exceeded"
            assert await client.closed()

    playing(tmp_path, story, limits=SmtpLimits(introduction=0.2))


@NO_CLIENT
def test_a_balancer_that_looks_whether_we_are_well_is_greeted(tmp_path, header):
    async def story(rig: Rig) -> None:
        async with rig.client(first=header) as client:
            assert client.greeting.startswith("220 ")
            assert (await client.ask("NOOP")).startswith("250 ")
            assert (await client.ask("QUIT")).startswith("221 ")

    playing(tmp_path, story)


@NO_CLIENT
def test_without_a_client_no_mail_is_taken(tmp_path, header):
    """Not even where the balancer's own address would prove somebody."""

    async def story(rig: Rig) -> None:
        async with rig.client(first=header) as client:
            await client.secured()
            assert await client.ask(f"MAIL FROM:<{PARTNER}>") == (
                "451 4.7.1 Client address unknown, try again later"
            )

    playing(tmp_path, story, relays=HERE)


@BOTH
def test_from_anybody_else_it_ends_the_conversation(tmp_path, header):
    async def story(rig: Rig) -> None:
        async with rig.client(first=header) as client:
            assert client.greeting.startswith("220 ")
            said = []
            while reply := await client.reply():
                said.append(reply)
            assert all(reply[:3] in {"500", "530"} for reply in said)
        assert not len(rig.door._connections)

    playing(tmp_path, story, proxies=("192.0.2.1/32",))


def test_one_client_cannot_take_what_is_meant_for_all_behind_the_balancer(tmp_path):
    async def story(rig: Rig) -> None:
        async with AsyncExitStack() as stack:
            for _ in range(2):
                client = await stack.enter_async_context(rig.client(first=TEXT))
                assert client.greeting.startswith("220 ")
            third = await stack.enter_async_context(rig.client(first=TEXT))
            assert third.greeting.startswith("421 4.7.0 ")
            assert await third.closed()
            other = TEXT.replace(b"2.7 ", b"2.8 ")
            assert (await stack.enter_async_context(rig.client(first=other))).greeting.startswith(
                "220 "
            )
            await stack.enter_async_context(rig.client(first=LOCAL))
        await until(lambda: not len(rig.door._connections))
        assert not rig.door._connections._per_address

    playing(tmp_path, story, limits=SmtpLimits(per_address=2))


def test_a_trusted_relay_is_known_by_the_address_that_the_balancer_names(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client(first=TEXT) as client:
            assert (await handed_over(client)).startswith("250 ")
        async with rig.client(first=TEXT.replace(b"2.7 ", b"2.200 ")) as client:
            assert (await handed_over(client)).startswith("550")
        (stored,) = rig.stored
        assert rig.evidence(stored).relayed

    playing(tmp_path, story, relays=("192.0.2.7/32",))


def test_a_balancer_in_front_of_the_partners_listener_says_so_too(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.partner_client(first=b"EHLO x\r\n") as client:
            assert client.greeting == ""
        async with rig.partner_client(first=TEXT) as client:
            assert client.greeting.startswith("220 ")

    playing(tmp_path, story, partner_listener=True)


def test_stopping_waits_for_no_introduction(tmp_path):
    async def story(rig: Rig) -> None:
        _, writer = await asyncio.open_connection(*rig.door.address)
        await until(lambda: len(rig.door._connections) == 1)
        await asyncio.wait_for(rig.door.stop(grace=10), 5)
        writer.close()

    playing(tmp_path, story)
