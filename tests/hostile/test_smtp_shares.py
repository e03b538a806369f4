"""Whose share a message takes: a partner's own limit, and DNS that is slow for somebody else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from secure_mail.domain.authentication import CheckResult, Method, Result
from secure_mail.domain.partners import Check
from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

SPENT = "450 4.7.1 Rate limit exceeded, try again later"
ELSEWHERE = ("192.0.2.0/28",)


async def sent(client: Client, words: object, to: str = US) -> str:
    """The reply after the dot, or to MAIL."""
    begun = await client.ask(f"MAIL FROM:<{PARTNER}>")
    if not begun.startswith("250"):
        return begun
    assert (await client.ask(f"RCPT TO:<{to}>")).startswith("250 ")
    return await client.data(LETTER + f"{words}\r\n".encode())


def test_a_partner_may_send_so_many_an_hour(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(3):
                assert (await sent(client, number)).startswith("250 ")
            assert await sent(client, "one more") == SPENT
        assert len(rig.stored) == 3

    play(tmp_path, story, hourly=3)


def test_a_retry_takes_nothing(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = {await sent(client, "the same") for _ in range(4)}
            assert len(replies) == 1
            assert (await sent(client, "another")).startswith("250 ")
            assert await sent(client, "one more") == SPENT

    play(tmp_path, story, hourly=2)


def test_two_that_began_before_the_last_one_was_spent(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as first, rig.client() as second:
            for client in (first, second):
                await client.secured()
                await client.envelope(PARTNER, US)
            assert (await first.data(LETTER)).startswith("250 ")
            assert await second.data(LETTER + b"another\r\n") == SPENT

    play(tmp_path, story, hourly=1)


def test_who_only_claims_to_be_the_partner_takes_nothing_of_its_share(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(5):
                assert (await sent(client, number)).startswith("550")
            for number in range(3):
                assert (await sent(client, number, "postmaster")).startswith("250 ")
            # But of a stranger's: the partner's name opens no way round that limit.
            assert await sent(client, "one more", "postmaster") == SPENT
            assert not rig.door._door._partners._times

    play(tmp_path, story, hourly=1, partner_networks=ELSEWHERE, limits=SmtpLimits(strangers=3))


def test_what_a_relay_brings_takes_nothing_of_a_partners_share(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(3):
                assert (await sent(client, number)).startswith("250 ")

    play(tmp_path, story, hourly=1, relays=("127.0.0.0/8",))


def by(number: int) -> bytes:
    """Comes from a network of its own."""
    return b"PROXY TCP4 198.51.%d.7 192.0.2.1 1 25\r\n" % number


@pytest.mark.parametrize(("signer", "messages"), [("institution.example", 1), ("", 2)])
def test_a_retry_from_another_network_is_one_message_where_a_signature_proves_its_partner(
    tmp_path, signer, messages
):
    """Large providers try again from wherever they like; a stranger's copy absorbs nothing."""

    def passed(_mail: object) -> tuple[CheckResult, ...]:
        return (CheckResult(method=Method.DKIM, result=Result.PASS, domain=signer),)

    async def story(rig: Rig) -> None:
        for network in (1, 2):
            async with rig.client(first=by(network)) as client:
                await client.secured()
                box = US if signer else "postmaster"
                await client.envelope(PARTNER, box)
                assert (await client.data(SIGNED + LETTER)).startswith("250 ")
        assert len(rig.stored) == messages

    proxies = ("127.0.0.0/8",)
    play(tmp_path, story, require=(Check.DMARC,), authentication=passed, proxies=proxies)


class SlowDns:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = threading.Event()

    def __call__(self, _mail: object) -> tuple[CheckResult, ...]:
        self.asked += 1
        self.answer.wait(10)
        return ()


SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; d=institution.example; s=a; h=From; bh=x; b=x\r\n"


@pytest.mark.parametrize("uv", [False, True])
def test_slow_dns_stalls_nobody_who_does_not_need_it(tmp_path, uv):
    dns = SlowDns()

    async def story(rig: Rig) -> None:
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(judged(rig, number)) for number in range(6)]
            await until(lambda: dns.asked == 2)
            async with rig.client() as client:
                await client.secured()
                rig.door._door._looked = None
                await client.envelope("who@elsewhere.example", "postmaster")
                letter = b"From: who@elsewhere.example\r\n\r\nHello\r\n"
                assert (await client.data(letter)).startswith("250 ")
            assert not any(task.done() for task in waiting)
            dns.answer.set()
        assert all(task.result().startswith("550") for task in waiting)

    async def judged(rig: Rig, number: int) -> str:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            return await client.data(SIGNED + LETTER + b"%d\r\n" % number)

    play(tmp_path, story, uv=uv, require=(Check.DMARC,), authentication=dns)


def test_dns_that_never_answers_is_temporary(tmp_path):
    dns = SlowDns()

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(SIGNED + LETTER)).startswith("451 4.7.24 ")
            assert (await client.ask("NOOP")).startswith("250 ")
            dns.answer.set()
        assert rig.stored == []

    limits = SmtpLimits(judgement=0.2)
    play(tmp_path, story, limits=limits, require=(Check.DMARC,), authentication=dns)
