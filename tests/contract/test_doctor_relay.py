"""`secure-mail doctor relay`: real servers on loopback, good and bad."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from secure_mail.domain.examination import Finding
from tests.contract.local_relay import Recorder, Server, certificate
from tests.doctor_rig import DOMAIN, FAIL, OK, UNKNOWN, WARN, bare, found, patient, states
from tests.policy_rig import listening, policy_door
from tests.services.dns import Fault, dns_server
from tests.services.processes import free_port
from tests.smtp_rig import Rig, play


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context for localhost, whose authority the machine trusts."""
    path = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def way_out(folder: Path, url: str) -> Finding:
    return found(patient(bare(folder), ("worker",), RELAY_URL=url), "relay")["way out"]


class TestWayOut:
    def test_verified(self, tmp_path, trusted):
        server = Server(Recorder(), tls=trusted)
        try:
            assert way_out(tmp_path, f"smtp://u:p@localhost:{server.port}").state is OK
        finally:
            server.stop()

    def test_verified_from_the_first_octet(self, tmp_path, trusted):
        server = Server(Recorder(), tls=trusted, implicit=True)
        try:
            assert way_out(tmp_path, f"smtps://u:p@localhost:{server.port}").state is OK
        finally:
            server.stop()

    def test_without_starttls(self, tmp_path):
        server = Server(Recorder())
        try:
            told = way_out(tmp_path, f"smtp://localhost:{server.port}")
        finally:
            server.stop()
        assert (told.state, told.what) == (FAIL, "offers no STARTTLS")

    def test_with_a_certificate_of_nobody(self, tmp_path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path, "localhost"))
        server = Server(Recorder(), tls=context)
        try:
            told = way_out(tmp_path, f"smtp://u:secret@localhost:{server.port}")
        finally:
            server.stop()
        assert told.state is FAIL
        assert "secret" not in repr(told)

    def test_nobody_there(self, tmp_path):
        assert way_out(tmp_path, f"smtp://localhost:{free_port()}").state is FAIL


def in_front(folder: Path, port: int, zone: dict[str, object], **settings: object):
    given = {"SMTP_TRUSTED_RELAYS": "192.0.2.7/32", "RELAY_ENFORCES_TLS": "true", **settings}
    with dns_server(zone) as server:
        examined = patient(bare(folder), ("smtp",), DNS_SERVERS=server.address, **given)
        return found(replace(examined, mx_port=port), "relay")


MX_HERE = {DOMAIN: {"MX": ["10 mx.kela.fi."]}, "mx.kela.fi": {"A": ["127.0.0.1"]}}


class TestRelayInFront:
    def test_none(self, tmp_path):
        assert states(patient(bare(tmp_path), ("smtp",)), "relay") == {"relay in front": OK}

    def test_one_that_enforces_tls(self, tmp_path, trusted):
        server = Server(Recorder(), tls=trusted, require_starttls=True)
        try:
            told = in_front(tmp_path, server.port, MX_HERE)
        finally:
            server.stop()
        assert told["mx.kela.fi and TLS"].state is OK
        assert told["policy service"].state is WARN
        assert told["trusted relay 192.0.2.7/32"].state is OK

    def test_one_that_takes_mail_in_the_clear(self, tmp_path):
        recorder = Recorder()
        server = Server(recorder)
        try:
            told = in_front(tmp_path, server.port, MX_HERE, SMTP_TRUSTED_RELAYS="192.0.0.0/20")
        finally:
            server.stop()
        assert told["mx.kela.fi and TLS"].state is FAIL
        assert not recorder.taken

    @pytest.mark.parametrize(
        "zone",
        [
            MX_HERE,
            {DOMAIN: Fault.SERVFAIL},
            {},
            {DOMAIN: {"MX": ["0 ."]}},
            {DOMAIN: {"MX": ["10 mx.kela.fi."]}},
        ],
        ids=["nobody there", "DNS fails", "no MX", "null MX", "no address"],
    )
    def test_what_cannot_be_asked_is_unknown(self, tmp_path, zone):
        told = in_front(tmp_path, free_port(), zone)
        assert {f.state for name, f in told.items() if name.endswith("TLS")} == {UNKNOWN}

    def test_the_policy_service_answers(self, tmp_path):
        async def story(rig: Rig) -> None:
            async with listening(policy_door(rig), "127.0.0.1:0") as where:
                given = {"SMTP_TRUSTED_RELAYS": "192.0.2.7/32", "POLICY_BIND": where}
                examined = patient(bare(tmp_path), ("smtp",), **given)
                told = await asyncio.to_thread(found, examined, "relay")
            assert told["policy service"].state is OK
            gone = await asyncio.to_thread(
                found, patient(bare(tmp_path), ("smtp",), **given), "relay"
            )
            assert gone["policy service"].state is FAIL

        play(tmp_path, story)
