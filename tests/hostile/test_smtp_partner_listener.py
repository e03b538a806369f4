"""The listener for partners' client certificates: exactly the registered ones, and no other way."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from secure_mail.domain.partners import Check, PartnerState
from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.client_certificates import Identity, expired, issued, self_issued
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

CLIENT, SERVER = "extendedKeyUsage=clientAuth", "extendedKeyUsage=serverAuth"
NO_SIGNATURES = "keyUsage=critical,keyEncipherment"


async def handed_over(client: Client, certificate: Identity, words: str = "") -> str:
    await client.secured(certificate.pair)
    await client.envelope(PARTNER, US)
    return await client.data(LETTER + words.encode() + b"\r\n")


async def turned_down(rig: Rig, certificate: Identity | None) -> bool:
    """Whether no conversation comes about. With TLS 1.3 a client hears it after its handshake."""
    async with rig.partner_client() as client:
        await client.hello()
        try:
            await client.start_tls(certificate and certificate.pair)
            await client.send(b"EHLO x\r\n")
        except OSError:
            return True
        return not (await client.reply()).startswith("250")


def playing(tmp_path, story, *certificates, uv: bool = True, **parts: object) -> None:
    play(
        tmp_path,
        story,
        uv=uv,
        partner_listener=True,
        require=(Check.CLIENT_CERTIFICATE,),
        certificates=certificates,
        partner_networks=("192.0.2.0/28",),
        **parts,
    )


def every_kind(folder) -> dict[str, Identity]:
    authority = self_issued(folder, "authority")
    return {
        "self": self_issued(folder, "plain"),
        "self, as a client": self_issued(folder, "client", CLIENT),
        "self, as a server": self_issued(folder, "server", SERVER, NO_SIGNATURES),
        "issued": issued(folder, "issued", authority),
        "issued, as a client": issued(folder, "issued-client", authority, CLIENT),
        "issued, as a server": issued(folder, "issued-server", authority, SERVER),
    }


@pytest.mark.parametrize("uv", [False, True])
def test_a_registered_certificate_proves_its_partner_whoever_issued_it(tmp_path, uv):
    kinds = every_kind(tmp_path)

    async def story(rig: Rig) -> None:
        for name, certificate in kinds.items():
            async with rig.partner_client() as client:
                assert (await handed_over(client, certificate, name)).startswith("250 "), name
            evidence = rig.evidence(rig.stored[-1])
            assert evidence.certificate == certificate.registered().fingerprint
            assert evidence.checks == ("client_certificate", "tls")

    playing(tmp_path, story, *(kind.registered() for kind in kinds.values()), uv=uv)


@pytest.mark.parametrize("uv", [False, True])
def test_nobody_else_comes_in(tmp_path, uv):
    authority = self_issued(tmp_path, "ca")
    ours = issued(tmp_path, "ours", authority)
    strangers = [
        None,
        self_issued(tmp_path, "unknown"),
        self_issued(tmp_path, "ours2"),
        issued(tmp_path, "sister", authority, CLIENT),
        authority,
        expired(tmp_path, "old"),
    ]

    async def story(rig: Rig) -> None:
        for stranger in strangers:
            assert await turned_down(rig, stranger)
        async with rig.partner_client() as client:
            assert (await handed_over(client, ours)).startswith("250 ")
        assert len(rig.stored) == 1

    playing(tmp_path, story, ours.registered(), expired(tmp_path, "old2").registered(), uv=uv)


def test_what_a_registered_authority_issues_is_not_registered(tmp_path):
    authority = self_issued(tmp_path, "ca")
    leaf = issued(tmp_path, "leaf", authority, CLIENT)

    async def story(rig: Rig) -> None:
        with capture_logs() as logs:
            async with rig.partner_client() as client:
                await client.hello()
                await client.start_tls(leaf.pair)
                assert await client.ask("EHLO x") == (
                    "421 4.7.0 mx.kela.fi Client certificate not registered"
                )
                assert await client.closed()
        assert [line["why"] for line in logs if "why" in line] == ["not registered"]
        async with rig.partner_client() as client:
            assert (await handed_over(client, authority)).startswith("250 ")

    playing(tmp_path, story, authority.registered())


def test_an_expired_certificate_is_refused_and_the_reason_logged(tmp_path):
    old, good = expired(tmp_path, "old"), self_issued(tmp_path, "good")

    async def story(rig: Rig) -> None:
        with capture_logs() as logs:
            assert await turned_down(rig, old)
        assert [line["why"] for line in logs if "why" in line] == ["certificate has expired"]

    playing(tmp_path, story, old.registered(), good.registered())


def test_what_the_registry_says_has_expired_is_refused(tmp_path):
    """Even where TLS itself would take it, or take a session of before up again."""
    certificate = self_issued(tmp_path, "ours")

    async def story(rig: Rig) -> None:
        assert await turned_down(rig, certificate)

    over = datetime.now(UTC) - timedelta(seconds=1)
    playing(tmp_path, story, certificate.registered(not_after=over))


def changed(rig: Rig, **values: object) -> None:
    with rig.units() as uow:
        uow.partners.save(replace(rig.partner, **values))
        uow.commit()
    rig.door._door._looked = None


def test_a_new_certificate_works_and_a_withdrawn_one_does_not_without_a_restart(tmp_path):
    first, second = self_issued(tmp_path, "first"), self_issued(tmp_path, "second")

    async def story(rig: Rig) -> None:
        assert await turned_down(rig, second)
        changed(rig, certificates=(second.registered(),))
        assert await turned_down(rig, first)
        async with rig.partner_client() as client:
            assert (await handed_over(client, second)).startswith("250 ")

    playing(tmp_path, story, first.registered())


def test_a_suspended_partners_certificate_no_longer_works(tmp_path):
    certificate = self_issued(tmp_path, "ours")

    async def story(rig: Rig) -> None:
        async with rig.partner_client() as client:
            await client.secured(certificate.pair)
            changed(rig, state=PartnerState.SUSPENDED)
            assert await turned_down(rig, certificate)
            # Nor does a session that began before.
            refused = await client.envelope(PARTNER, US)
            assert refused[0].startswith("550-5.7.1 ")
            changed(rig, state=PartnerState.ACTIVE)
        async with rig.partner_client() as client:
            assert (await handed_over(client, certificate)).startswith("250 ")

    playing(tmp_path, story, certificate.registered())


def taken_up(address: tuple[str, int], certificate: Identity) -> Iterator[bool]:
    """Connects again and again with the TLS session of the first time: whether it was taken up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(*certificate.pair)
    session: ssl.SSLSession | None = None
    while True:
        with socket.create_connection(address, timeout=10) as plain:
            plain.recv(100)
            for command in (b"EHLO x\r\n", b"STARTTLS\r\n"):
                plain.sendall(command)
                plain.recv(1000)
            with context.wrap_socket(plain, session=session) as secured:
                secured.sendall(b"EHLO x\r\n")
                assert secured.recv(1000).startswith(b"250-")
                session = session or secured.session
                reused = bool(secured.session_reused)
        yield reused


def test_a_tls_session_does_not_outlive_the_registry_it_began_under(tmp_path):
    ours, other = self_issued(tmp_path, "ours"), self_issued(tmp_path, "other")

    async def story(rig: Rig) -> None:
        (listener,) = (one for one in rig.door.listeners if one.name == "partners")
        again = taken_up(listener.address, ours)
        loop = asyncio.get_running_loop()
        assert [await loop.run_in_executor(None, next, again) for _ in range(2)] == [False, True]
        changed(rig, certificates=(ours.registered(), other.registered()))
        assert await loop.run_in_executor(None, next, again) is False

    playing(tmp_path, story, ours.registered())


def test_without_tls_nothing_goes_whatever_the_setting_says(tmp_path):
    certificate = self_issued(tmp_path, "ours")

    async def story(rig: Rig) -> None:
        async with rig.partner_client() as client:
            await client.hello()
            assert (await client.ask(f"MAIL FROM:<{PARTNER}>")).startswith("530 5.7.0 ")
        async with rig.client() as client:
            await client.hello()
            assert (await client.ask(f"MAIL FROM:<{PARTNER}>")).startswith("250 ")

    playing(tmp_path, story, certificate.registered(), require_tls=False)


@pytest.mark.parametrize("uv", [False, True])
def test_an_unknown_certificate_does_not_break_the_public_listener(tmp_path, uv):
    known, unknown = self_issued(tmp_path, "known"), expired(tmp_path, "unknown")

    async def story(rig: Rig) -> None:
        for certificate in (unknown, known):
            async with rig.client() as client:
                # Never asked for, so never shown: it proves nothing here.
                assert (await handed_over(client, certificate)).startswith("550")
        assert rig.stored == []

    playing(tmp_path, story, known.registered(), uv=uv)


def test_with_the_registry_down_the_handshake_waits(tmp_path):
    certificate = self_issued(tmp_path, "ours")

    async def story(rig: Rig) -> None:
        async with rig.partner_client() as client:
            await client.hello()
            rig.store.store.down = True
            assert (await client.ask("STARTTLS")).startswith("454 4.7.0 ")
            rig.store.store.down = False
            assert (await handed_over(client, certificate)).startswith("250 ")

    playing(tmp_path, story, certificate.registered())


def test_each_listener_has_limits_of_its_own(tmp_path):
    certificate = self_issued(tmp_path, "ours")

    async def story(rig: Rig) -> None:
        async with rig.client() as first, rig.client() as second:
            assert (first.greeting[:3], second.greeting[:3]) == ("220", "421")
            async with rig.partner_client() as client:
                assert (await handed_over(client, certificate)).startswith("250 ")

    limits = SmtpLimits(connections=1)
    playing(tmp_path, story, certificate.registered(), limits=limits)
