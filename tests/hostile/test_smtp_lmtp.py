"""LMTP: a mail server of ours delivers through a socket, and hears of each recipient by itself."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import smtplib
import socket
import stat
from pathlib import Path

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.interfaces.sockets import listening_at
from tests.conftest import required
from tests.services import postfix
from tests.smtp_client import Client
from tests.smtp_faults import FailingCommits
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

OTHER = "maintenance@kela.fi"
TEMPORARY = "451 4.3.0 Temporary system problem, try again later"


def playing(tmp_path: Path, story, *, uv: bool = True, **parts: object) -> None:
    (tmp_path / "run").mkdir(mode=0o750)
    bind = {"bind": f"{tmp_path}/run/lmtp.sock", **parts}
    play(tmp_path, story, uv=uv, lmtp=True, **bind)


async def greeted(client: Client) -> Client:
    assert client.greeting == "220 mx.kela.fi LMTP"
    await client.ask("LHLO postfix.kela.fi")
    return client


async def delivered(client: Client, *recipients: str, letter: bytes = LETTER) -> list[str]:
    """The replies after the dot."""
    taken = await client.envelope(PARTNER, *recipients)
    assert (await client.ask("DATA")).startswith("354 ")
    await client.send(letter + b".\r\n")
    return await client.replies(sum(reply.startswith("250 ") for reply in taken))


@pytest.mark.parametrize("uv", [False, True])
@pytest.mark.parametrize("bind", [None, "127.0.0.1:0"])
def test_each_recipient_that_was_taken_has_its_own_reply(tmp_path, uv, bind):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await greeted(client)
            recipients = (US, "nobody@kela.fi", OTHER, US, "x@elsewhere.example")
            replies = await delivered(client, *recipients)
            assert (await client.ask("NOOP")).startswith("250 ")
        by_box = {str(message.mailbox): str(message.reference) for message in rig.stored}
        assert set(by_box) == {"ulkomaanperinta", "maintenance"}
        order = ("ulkomaanperinta", "maintenance", "ulkomaanperinta")
        assert replies == [f"250 2.0.0 Accepted as {by_box[box]}" for box in order]

    playing(tmp_path, story, uv=uv, **({"bind": bind} if bind else {}))


def test_what_it_offers_and_what_it_does_not_know(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            for command in ("EHLO x", "HELO x"):
                assert (await client.ask(command)).startswith("500 5.5.1 ")
            assert (await client.ask(f"MAIL FROM:<{PARTNER}>")) == "503 5.5.1 Send LHLO first"
            assert (await client.ask("LHLO")).startswith("501 5.5.4 ")
            offers = (await client.ask("LHLO postfix")).split("\n")
            assert [line[4:] for line in offers] == [
                *("mx.kela.fi", "PIPELINING", "SIZE 37748736"),
                *("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"),
            ]
            assert (await client.ask("STARTTLS")).startswith("454 4.7.0 ")
            await client.envelope(PARTNER, "nobody@kela.fi")
            assert (await client.ask("DATA")).startswith("503 5.5.1 ")

    playing(tmp_path, story)


@pytest.mark.parametrize(
    ("letter", "reply"),
    [
        (b"Received: by x\r\n" * 31 + LETTER, "554 5.4.6 Routing loop detected"),
        (LETTER + b"bare\nline\r\n", "550 5.5.2 Bare CR or LF not allowed in message"),
    ],
)
def test_a_no_after_the_dot_is_said_to_each(tmp_path, letter, reply):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await greeted(client)
            assert await delivered(client, US, OTHER, US, letter=letter) == [reply] * 3
            assert len(await delivered(client, US, OTHER)) == 2
            assert (await client.ask("NOOP")).startswith("250 ")
        assert len(rig.stored) == 2

    playing(tmp_path, story)


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_not_knowing_is_temporary_for_each(tmp_path, error):
    async def story(rig: Rig) -> None:
        rig.commits.error = error() if error else rig.commits.error
        async with rig.client() as client:
            await greeted(client)
            assert await delivered(client, US, OTHER) == [TEMPORARY] * 2
            assert (await client.ask("NOOP")).startswith("250 ")
        assert rig.stored == []

    playing(tmp_path, story, commits=FailingCommits)


def test_a_null_sender_with_several_recipients_is_refused_once_before_data(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await greeted(client)
            await client.envelope("", "postmaster", "abuse@kela.fi")
            assert (await client.ask("DATA")).startswith("550 5.5.3 ")
            assert (await client.ask("NOOP")).startswith("250 ")

    playing(tmp_path, story)


def test_who_delivers_is_a_relay_and_proves_nobody(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await greeted(client)
            (reply,) = await delivered(client, US)
            assert reply.startswith("250 ")
        (stored,) = rig.stored
        evidence = rig.evidence(stored)
        assert evidence.relayed
        assert (evidence.checks, evidence.tls) == ((), False)

    playing(tmp_path, story, partner_networks=("127.0.0.0/8",))


def test_pythons_own_client_delivers(tmp_path):
    def deliver(path: str) -> list[bytes]:
        with smtplib.LMTP(path) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(PARTNER)
            codes = [client.rcpt(to)[0] for to in (US, "nobody@kela.fi", OTHER)]
            assert codes == [250, 550, 250]
            # Python's client reads one reply after the dot, whatever RFC 2033 says.
            return [client.data(LETTER)[1], client.getreply()[1]]

    async def story(rig: Rig) -> None:
        loop = asyncio.get_running_loop()
        said = await loop.run_in_executor(None, deliver, rig.door.address[0])
        references = [f"2.0.0 Accepted as {message.reference}" for message in rig.stored]
        assert [reply.decode() for reply in said] == references
        rig.clients.append(Client("", 0))
        rig.clients[-1].acknowledged |= {str(message.reference) for message in rig.stored}

    playing(tmp_path, story)


def test_postfix_delivers_and_hears_of_each_recipient(tmp_path):
    required(postfix.binary(), "Postfix")
    folder = postfix.place() / "run"
    folder.mkdir()
    shutil.chown(folder, group="postfix")
    # The socket gets the folder's group: so the mail server may use it.
    folder.chmod(0o2750)

    def deliver(path: Path) -> str:
        with postfix.running(tmp_path, relay_to=path, lmtp=True) as relay:
            with smtplib.SMTP("127.0.0.1", relay.port) as client:
                client.sendmail(PARTNER, [US, OTHER, "nobody@kela.fi"], LETTER)
            relay.wait_until_empty()
            return relay.maillog()

    async def story(rig: Rig) -> None:
        log = await asyncio.to_thread(deliver, Path(rig.door.address[0]))
        assert {str(message.mailbox) for message in rig.stored} == {
            "ulkomaanperinta",
            "maintenance",
        }
        references = {str(message.reference) for message in rig.stored}
        sent = set(re.findall(r"status=sent \(250 2\.0\.0 Accepted as (\S+)\)", log))
        assert sent == references
        assert re.search(r"to=<nobody@kela\.fi>.*status=bounced.*550 5\.1\.1 No such mailbox", log)
        rig.clients.append(Client("", 0))
        rig.clients[-1].acknowledged |= references

    play(tmp_path, story, uv=True, lmtp=True, bind=f"{folder}/lmtp.sock")


def test_the_socket_is_for_owner_and_group_and_goes_with_us(tmp_path):
    paths: list[Path] = []

    async def story(rig: Rig) -> None:
        paths.append(Path(rig.door.address[0]))
        mode = paths[0].stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o660
        assert list(paths[0].parent.iterdir()) == paths

    playing(tmp_path, story)
    assert not paths[0].exists()


def test_what_a_killed_process_left_is_replaced_but_not_what_somebody_listens_to(tmp_path):
    path = tmp_path / "lmtp.sock"
    left = listening_at(path)
    left.close()
    with listening_at(path) as ours:
        ours.listen()
        with pytest.raises(OSError, match="listens there"):
            listening_at(path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_its_place_is_left_alone(tmp_path):
    path = tmp_path / "lmtp.sock"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        listening_at(path)
    assert path.read_text() == "precious"


def test_a_folder_that_others_write_is_refused(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(SafetyError, match="others can put a socket"):
        listening_at(folder / "lmtp.sock")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(SafetyError, match="others can put a socket"):
        listening_at(folder / "lmtp.sock")


def test_a_path_that_is_too_long_is_told(tmp_path):
    folder = tmp_path / ("x" * 60)
    with pytest.raises(SafetyError, match="too long"):
        listening_at(folder / ("y" * 60))
