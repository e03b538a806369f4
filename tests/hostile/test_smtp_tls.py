"""The certificate changes while the service runs: nobody is cut off, no faulty one is taken."""

from __future__ import annotations

import shutil
import ssl

import pytest
from structlog.testing import capture_logs

from tests.certificates import self_signed
from tests.client_certificates import self_issued
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

BOTH_LOOPS = pytest.mark.parametrize("uv", [False, True])


def shown(client: Client) -> bytes:
    """The certificate that the server showed."""
    secured: ssl.SSLObject = client.writer.get_extra_info("ssl_object")
    certificate = secured.getpeercert(binary_form=True)
    assert certificate
    return certificate


@BOTH_LOOPS
def test_a_new_pair_counts_from_the_next_handshake_on(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as old, rig.client() as waiting:
            await old.secured()
            await waiting.hello()
            self_signed(tmp_path)
            with capture_logs() as logs:
                rig.door.reload()
            assert [line["event"] for line in logs] == ["smtp.certificate-loaded"]
            await waiting.start_tls()
            assert shown(waiting) != shown(old)
            await old.envelope(PARTNER, US)
            assert (await old.data(LETTER)).startswith("250 ")

    play(tmp_path, story, uv=uv)


@pytest.mark.parametrize("fault", ["absent", "junk", "of another key"])
def test_a_faulty_pair_leaves_the_old_one_in_force(tmp_path, fault):
    async def story(rig: Rig) -> None:
        async with rig.client() as before:
            await before.secured()
            spoil(fault)
            with capture_logs() as logs:
                rig.door.reload()
            assert [line["event"] for line in logs] == ["smtp.certificate-kept"]
            async with rig.client() as after:
                await after.secured()
                assert shown(after) == shown(before)

    def spoil(fault: str) -> None:
        certificate = tmp_path / "certificate.pem"
        if fault == "absent":
            certificate.unlink()
        elif fault == "junk":
            certificate.write_text("junk")
        else:
            other = tmp_path / "other"
            other.mkdir()
            shutil.copy(self_signed(other)[0], certificate)

    play(tmp_path, story)


def test_partners_see_the_new_pair_as_well(tmp_path):
    known = self_issued(tmp_path, "known")

    async def story(rig: Rig) -> None:
        async with rig.partner_client() as old, rig.partner_client() as new:
            await old.secured(known.pair)
            self_signed(tmp_path)
            rig.door.reload()
            await new.secured(known.pair)
            assert shown(new) != shown(old)
            assert (await old.ask("NOOP")).startswith("250 ")

    play(tmp_path, story, uv=True, partner_listener=True, certificates=(known.registered(),))


@BOTH_LOOPS
def test_octets_arrive_through_tls_as_they_were_sent(tmp_path, uv):
    """Many sessions share one buffer: none may see what is another's."""

    async def story(rig: Rig) -> None:
        letters = [LETTER + b"%d " % n + b"%x" % n * 30_000 + b"\r\n" for n in range(1, 9)]
        clients = [rig.client() for _ in letters]
        for client in clients:
            await client.__aenter__()
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
        for start in range(0, max(map(len, letters)), 1000):
            for client, letter in zip(clients, letters, strict=True):
                await client.send(letter[start : start + 1000].replace(b"\n..", b"\n..."))
        for client in clients:
            assert (await client.say(b".\r\n")).startswith("250 ")
            await client.__aexit__(None, None, None)
        assert {rig.raw(message) for message in rig.stored} == set(letters)

    play(tmp_path, story, uv=uv)


@BOTH_LOOPS
def test_the_version_is_in_the_evidence_and_none_below_1_2_is_spoken(tmp_path, uv):
    async def story(rig: Rig) -> None:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = version
            async with rig.client() as client:
                await client.hello()
                await client.ask("STARTTLS")
                await client.writer.start_tls(context, server_hostname="localhost")
                await client.hello()
                await client.envelope(PARTNER, US)
                letter = LETTER + version.name.encode() + b"\r\n"
                assert (await client.data(letter)).startswith("250 ")
        versions = [rig.evidence(message).tls_version for message in rig.stored]
        assert versions == ["TLSv1.2", "TLSv1.3"]

    play(tmp_path, story, uv=uv)
