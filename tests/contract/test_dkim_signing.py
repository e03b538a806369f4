"""Outgoing mail signed by us: verified as its receiver does, with the key that DNS would tell."""

import ssl
from base64 import b64encode

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.infrastructure.mailer.compose import Sender
from secure_mail.infrastructure.mailer.dkim_signing import SIGNED, DkimSigner
from secure_mail.infrastructure.mailer.from_url import mailer_from_url
from tests.contract.local_relay import Recorder, Server, certificate
from tests.fakes.chance import FixedClock
from tests.fakes.vault import FakeBounceTags, FakeOwnMail

DOMAIN, SELECTOR = "body.example", "mail2026"
PEM = serialization.Encoding.PEM
PKCS8, PKCS1 = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
OPEN = serialization.NoEncryption()
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
KEYS = {
    "rsa-pkcs8": RSA.private_bytes(PEM, PKCS8, OPEN),
    "rsa-pkcs1": RSA.private_bytes(PEM, PKCS1, OPEN),
    "rsa-crlf": RSA.private_bytes(PEM, PKCS8, OPEN).replace(b"\n", b"\r\n"),
    "ed25519": ED25519.private_bytes(PEM, PKCS8, OPEN),
}


def record(name, **_):
    """What stands in DNS for the selector."""
    if name.rstrip(b".") != f"{SELECTOR}._domainkey.{DOMAIN}".encode():
        return None
    if SIGNING["key"] == "ed25519":
        raw = ED25519.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return b"v=DKIM1; k=ed25519; p=" + b64encode(raw)
    der = RSA.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + b64encode(der)


SIGNING = {"key": "rsa-pkcs8"}


def holds(octets):
    return dkim.verify(octets, dnsfunc=record)


def mail(**changes):
    values = {
        "to": EmailAddress.parse("maija@example.com"),
        "subject": "Suojattu sähköposti: linkkisi (tarkistussanat KOIVU 48)",
        "text": "Älä lähetä linkkiä eteenpäin.\n. a dot\n\n\n",
        "message_id": "link-01900000-0000-7000-8000-000000000017",
        "language": "fi",
    }
    return OutgoingMail(**{**values, **changes})


@pytest.fixture(params=KEYS)
def signed(request, tmp_path):
    """Mails as a relay took them over SMTP, signed with each kind of key."""
    SIGNING["key"] = request.param
    path = certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    recorder = Recorder()
    server = Server(recorder, tls=context, require_starttls=True)
    mailer = mailer_from_url(
        f"smtp://127.0.0.1:{server.port}",
        Sender(address=EmailAddress.parse(f"securemail@{DOMAIN}"), names={"fi": "Kela"}),
        FakeOwnMail(),
        FakeBounceTags(),
        FixedClock(),
        signer=DkimSigner.from_pem(KEYS[request.param], selector=SELECTOR, domain=DOMAIN),
        trust=ssl.create_default_context(cafile=path),
    )

    def send(**changes):
        mailer.send(mail(**changes))
        return recorder.taken[-1][1].content

    yield send
    server.stop()


def test_the_receiver_verifies_the_signature(signed):
    octets = signed()
    assert octets.startswith(b"DKIM-Signature: ")
    assert octets.count(b"DKIM-Signature:") == 1
    assert holds(octets)
    assert max(map(len, octets.split(b"\r\n"))) <= 998


def test_an_international_address_is_signed_too(signed):
    assert holds(signed(to=EmailAddress.parse("päivi@example.com")))


@pytest.mark.parametrize("name", SIGNED)
def test_no_header_that_counts_can_be_added_or_changed_on_the_way(signed, name):
    octets = signed()
    assert not holds(f"{name}: something else\r\n".encode() + octets)
    lines = octets.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(name.encode())]
    assert kept == lines or not holds(b"\r\n".join(kept))


@pytest.mark.parametrize("name", ["Reply-To", "Sender", "Cc"])
def test_an_address_to_answer_to_cannot_be_added(signed, name):
    assert not holds(f"{name}: stranger@example.com\r\n".encode() + signed())


def test_neither_can_the_text(signed):
    octets = signed()
    assert not holds(octets + b"And send your code to us.\r\n")
    assert holds(b"Received: from relay.example by mx.example\r\n" + octets)


def test_without_a_key_nothing_is_signed(tmp_path):
    sender = Sender(address=EmailAddress.parse(f"securemail@{DOMAIN}"))
    mailer = mailer_from_url(
        f"maildir:{tmp_path}", sender, FakeOwnMail(), FakeBounceTags(), FixedClock()
    )
    mailer.send(mail())
    assert b"DKIM" not in next((tmp_path / "new").iterdir()).read_bytes()


UNFIT = {
    "empty": b"",
    "a public key": RSA.public_key().public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ),
    "short": rsa.generate_private_key(65537, 1024).private_bytes(PEM, PKCS8, OPEN),  # noqa: S505
    "another curve": ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, OPEN),
    "encrypted": RSA.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"x")),
    "encrypted, the old way": RSA.private_bytes(
        PEM, PKCS1, serialization.BestAvailableEncryption(b"x")
    ),
    "no base64": b"-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n",
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_key_that_cannot_sign_is_refused_at_the_start(name):
    with pytest.raises(SafetyError) as refused:
        DkimSigner.from_pem(UNFIT[name], selector=SELECTOR, domain=DOMAIN)
    assert "SECURE_MAIL_DKIM_KEY" in str(refused.value)
    assert "PRIVATE" not in str(refused.value)


@pytest.mark.parametrize("selector", ["", "a b", "-a", "a;t=y", "ä", "a" * 64, "a..b"])
def test_a_selector_is_a_name_in_dns(selector):
    with pytest.raises(SafetyError, match="DKIM_SELECTOR"):
        DkimSigner.from_pem(KEYS["ed25519"], selector=selector, domain=DOMAIN)


def test_the_key_never_shows_itself():
    signer = DkimSigner.from_pem(KEYS["ed25519"], selector=SELECTOR, domain=DOMAIN)
    assert signer.key.decode() not in repr(signer)
