"""`secure-mail doctor dns`: a domain as it should be published, and every way it is not."""

from __future__ import annotations

import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from secure_mail.domain.examination import Finding
from secure_mail.infrastructure.vault.server_certificates import ServerCertificate
from secure_mail.interfaces.web.mta_sts import policy_id
from tests.contract.local_relay import Recorder, Server, certificate
from tests.doctor_rig import DOMAIN, FAIL, OK, UNKNOWN, WARN, bare, found, patient
from tests.services.dns import Fault, dns_server
from tests.services.processes import free_port

GOOD = {
    DOMAIN: {"MX": ["10 mx.kela.fi."], "TXT": ["v=spf1 mx -all", "other text"]},
    "mx.kela.fi": {"A": ["127.0.0.1"]},
    "k1._domainkey.kela.fi": {"TXT": ["v=DKIM1; k=rsa; p=MIIB"]},
    "_dmarc.kela.fi": {"TXT": ["v=DMARC1; p=reject"]},
    "_mta-sts.kela.fi": {"TXT": [f"v=STSv1; id={policy_id(('mx.kela.fi',), 'testing')}"]},
    "_smtp._tls.kela.fi": {"TXT": ["v=TLSRPTv1; rua=mailto:postmaster@kela.fi"]},
}


def in_dns(folder: Path, zone: dict[str, object], port: int = 0, **settings: object):
    given = {"DKIM_SELECTOR": "k1", "MTA_STS_MX": "mx.kela.fi", **settings}
    with dns_server(zone) as server:
        examined = patient(bare(folder), DNS_SERVERS=server.address, **given)
        examined = replace(examined, mx_port=port or free_port(), https_port=free_port())
        return found(examined, "dns")


class TestMailDomain:
    def test_what_is_published_as_it_should_be(self, tmp_path):
        told = {name: finding.state for name, finding in in_dns(tmp_path, GOOD).items()}
        # Nobody serves the policy, and DANE is not there, in this test.
        assert (told.pop("MTA-STS policy"), told.pop("DANE of mx.kela.fi")) == (UNKNOWN, WARN)
        assert set(told) == {"MX", "SPF", "DKIM", "DMARC", "MTA-STS", "TLS reports"}
        assert set(told.values()) == {OK}

    def test_nothing_is_published(self, tmp_path):
        told = in_dns(tmp_path, {})
        assert {name: finding.state for name, finding in told.items()} == {
            "MX": FAIL,
            "SPF": WARN,
            "DKIM": FAIL,
            "DMARC": WARN,
            "MTA-STS": WARN,
            "TLS reports": WARN,
        }
        # What is missing is told as it must be published.
        assert told["MX"].remedy == "kela.fi. MX 10 localhost."
        assert told["SPF"].remedy.startswith('kela.fi. TXT "v=spf1 mx ')
        assert told["DKIM"].remedy.startswith('k1._domainkey.kela.fi. TXT "v=DKIM1;')
        assert told["DMARC"].remedy.startswith('_dmarc.kela.fi. TXT "v=DMARC1; p=reject;')
        wanted = policy_id(("mx.kela.fi",), "testing")
        assert told["MTA-STS"].remedy.startswith(f'_mta-sts.kela.fi. TXT "v=STSv1; id={wanted}"')
        assert told["TLS reports"].remedy.startswith('_smtp._tls.kela.fi. TXT "v=TLSRPTv1; rua=')

    def test_dns_that_fails_is_unknown_never_ok(self, tmp_path):
        failing = dict.fromkeys(["mx.kela.fi", "_25._tcp.mx.kela.fi", *GOOD], Fault.SERVFAIL)
        told = in_dns(tmp_path, failing)
        assert {finding.state for finding in told.values()} == {UNKNOWN}
        assert len(told) == 7

    @pytest.mark.parametrize(
        ("name", "texts", "check", "state"),
        [
            (DOMAIN, ["v=spf1 a -all", "v=spf1 mx -all"], "SPF", FAIL),
            (DOMAIN, ["v=spf1 +all"], "SPF", FAIL),
            (DOMAIN, ["v=spf1 all"], "SPF", FAIL),
            (DOMAIN, ["v=spf1 mx ?all"], "SPF", WARN),
            (DOMAIN, ["v=spf1 mx"], "SPF", WARN),
            (DOMAIN, ["v=spf1 redirect=_spf.kela.fi"], "SPF", OK),
            (DOMAIN, ["v=spf10 -all"], "SPF", WARN),
            ("k1._domainkey.kela.fi", ["v=DKIM1; p="], "DKIM", FAIL),
            ("_dmarc.kela.fi", ["v=DMARC1; p=none"], "DMARC", WARN),
            ("_dmarc.kela.fi", ["v=DMARC1; p=quarantine"], "DMARC", OK),
            ("_dmarc.kela.fi", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], "DMARC", FAIL),
            ("_dmarc.kela.fi", ["v=DMARC1; sp=reject"], "DMARC", FAIL),
            ("_mta-sts.kela.fi", ["v=STSv1; id=old"], "MTA-STS", WARN),
            ("_mta-sts.kela.fi", ["v=STSv1; id=1", "v=STSv1; id=2"], "MTA-STS", FAIL),
            ("_smtp._tls.kela.fi", ["v=TLSRPTv1"], "TLS reports", WARN),
        ],
    )
    def test_what_is_published_wrongly(self, tmp_path, name, texts, check, state):
        zone = {**GOOD, name: {**GOOD[name], "TXT": texts}}
        assert in_dns(tmp_path, zone)[check].state is state

    def test_an_mx_without_an_address_fails(self, tmp_path):
        assert in_dns(tmp_path, {**GOOD, "mx.kela.fi": {}})["MX"].state is FAIL

    def test_without_a_key_of_ours_dkim_is_unknown(self, tmp_path):
        assert in_dns(tmp_path, GOOD, DKIM_SELECTOR="")["DKIM"].state is UNKNOWN

    @pytest.mark.parametrize("kind", ["rsa", "ed25519"])
    def test_our_key_is_compared_with_the_one_that_is_published(self, tmp_path, kind):
        ours, record, other = signing(tmp_path, kind)

        def told(*texts):
            zone = {**GOOD, "k1._domainkey.kela.fi": {"TXT": texts}}
            return in_dns(tmp_path, zone, DKIM_KEY=ours)["DKIM"]

        assert told(record).state is OK
        assert told(f"{record}; t=y").state is WARN
        for texts in ([other], [record, other], [f"{record}; h=sha1"], ["v=DKIM1; p=MIIB"]):
            assert told(*texts).state is FAIL
        # What is missing is printed as it must be published, ready to be copied.
        assert told("nothing").remedy == f'k1._domainkey.kela.fi. TXT "{record}"'

    def test_our_key_in_a_form_that_some_do_not_read(self, tmp_path):
        ours, _, _ = signing(tmp_path, "rsa")
        der = openssl("rsa", "-in", str(ours), "-RSAPublicKey_out", "-outform", "DER")
        zone = {**GOOD, "k1._domainkey.kela.fi": {"TXT": [f"v=DKIM1; p={b64encode(der).decode()}"]}}
        assert in_dns(tmp_path, zone, DKIM_KEY=ours)["DKIM"].state is WARN

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda pem: "junk",
            # The worker signs with it all the same: what is published cannot be told from it.
            lambda pem: pem.replace(" PRIVATE KEY", " RSA PRIVATE KEY"),
        ],
    )
    def test_a_key_of_ours_that_cannot_be_compared_is_told(self, tmp_path, spoil):
        ours, record, _ = signing(tmp_path, "rsa")
        ours.write_text(spoil(ours.read_text()))
        zone = {**GOOD, "k1._domainkey.kela.fi": {"TXT": [record]}}
        told = in_dns(tmp_path, zone, DKIM_KEY=ours)
        assert told["DKIM"].state is FAIL
        assert told["DMARC"].state is OK

    def test_the_key_is_the_one_that_signs_whatever_else_the_file_holds(self, tmp_path):
        ours, record, _ = signing(tmp_path, "rsa")
        other = openssl(
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-aes128",
            "-pass",
            "pass:x",
        )
        ours.write_bytes(other + ours.read_bytes())
        zone = {**GOOD, "k1._domainkey.kela.fi": {"TXT": [record]}}
        assert in_dns(tmp_path, zone, DKIM_KEY=ours)["DKIM"].state is OK


def signing(folder: Path, kind: str) -> tuple[Path, str, str]:
    """A key file as the manual makes it, its record as openssl writes it, and another's record."""
    records = []
    for name in ("ours", "theirs"):
        path = folder / f"{name}.pem"
        openssl("genpkey", "-algorithm", kind.upper(), "-out", str(path))
        path.chmod(0o600)
        der = openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER")
        # RFC 8463 wants the 32 octets alone.
        material = der if kind == "rsa" else der[-32:]
        records.append(f"v=DKIM1; k={kind}; p={b64encode(material).decode()}")
    return folder / "ours.pem", *records


def openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[tuple[int, ServerCertificate]]:
    """A mail server under TLS, and what its certificate shows."""
    path = certificate(tmp_path, "mx.kela.fi")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    text = path.read_text()
    der = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])
    server = Server(Recorder(), tls=context)
    try:
        yield server.port, ServerCertificate.of(der)
    finally:
        server.stop()


class TestDane:
    def of(self, folder: Path, port: int, *records: str) -> Finding:
        zone = {**GOOD, "_25._tcp.mx.kela.fi": {"TLSA": list(records)}}
        return in_dns(folder, zone, port)["DANE of mx.kela.fi"]

    def test_a_record_that_matches(self, tmp_path, mail_server):
        port, shown = mail_server
        assert self.of(tmp_path, port, f"3 1 1 {shown.key_hash}", f"3 1 1 {'0' * 64}").state is OK

    def test_a_record_that_does_not_match(self, tmp_path, mail_server):
        port, shown = mail_server
        told = self.of(tmp_path, port, f"3 1 1 {'0' * 64}")
        assert told.state is FAIL
        assert told.remedy == f"_25._tcp.mx.kela.fi. TLSA 3 1 1 {shown.key_hash}"

    def test_none_names_the_record_to_publish(self, tmp_path, mail_server):
        port, shown = mail_server
        told = in_dns(tmp_path, GOOD, port)["DANE of mx.kela.fi"]
        assert told.state is WARN
        assert told.remedy == f"_25._tcp.mx.kela.fi. TLSA 3 1 1 {shown.key_hash}"

    def test_what_cannot_be_compared_is_unknown(self, tmp_path, mail_server):
        port, _ = mail_server
        assert self.of(tmp_path, port, f"2 0 1 {'0' * 64}").state is UNKNOWN
        assert self.of(tmp_path, free_port(), f"3 1 1 {'0' * 64}").state is UNKNOWN
