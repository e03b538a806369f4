"""The port Mailer: a maildir, and a relay that speaks SMTP on loopback."""

import asyncio
import ssl
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest
from aiosmtpd.smtp import AuthResult

from secure_mail.application.ports.mail import (
    MailRefusedError,
    MailTemporaryError,
    OutgoingMail,
)
from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailKind, MailName, tag_in
from secure_mail.infrastructure.mailer.compose import Sender
from secure_mail.infrastructure.mailer.from_url import mailer_from_url
from tests.contract.local_relay import Recorder, Server, certificate
from tests.fakes.chance import FixedClock
from tests.fakes.vault import FakeBounceTags, FakeOwnMail

SENDER = Sender(
    address=EmailAddress.parse("securemail@body.example"), names={"fi": "Kela", "sv": "FPA"}
)
LINK = "link-01900000-0000-7000-8000-000000000017"
BOUNCES = f"bounces+{FakeBounceTags().tag(MailName.parse(LINK))}@body.example"
TEXT = (
    "Linkki on voimassa 4.12.2026 klo 14.02 asti (Suomen aikaa).\nÄlä lähetä linkkiä eteenpäin.\n"
)


def mail(**changes):
    values = {
        "to": EmailAddress.parse("maija@example.com"),
        "subject": "Suojattu sähköposti: linkkisi (tarkistussanat KOIVU 48)",
        "text": TEXT,
        "message_id": LINK,
        "language": "fi",
    }
    return OutgoingMail(**{**values, **changes})


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def tls(tmp_path):
    """The relay's own context, and one that trusts it."""
    path = certificate(tmp_path, "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=path)


@pytest.fixture
def start():
    running = []

    def begin(*args, **options):
        server = Server(*args, **options)
        running.append(server)
        return server

    yield begin
    for server in running:
        server.stop()


def relay(url, trust=None):
    return mailer_from_url(url, SENDER, FakeOwnMail(), FakeBounceTags(), FixedClock(), trust=trust)


def test_a_mail_goes_over_starttls_with_our_headers_only(start, recorder, tls):
    server = start(recorder, tls=tls[0], require_starttls=True)
    reply = relay(f"smtp://127.0.0.1:{server.port}", tls[1]).send(mail())
    assert reply == "250 2.0.0"
    ((session, envelope),) = recorder.taken
    assert session.ssl is not None
    assert envelope.mail_from == BOUNCES
    assert envelope.rcpt_tos == ["maija@example.com"]
    assert_ours(envelope.content)


def assert_ours(octets, *, name="Kela"):
    parsed = message_from_bytes(octets, policy=policy.default)
    assert set(parsed.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Secure-Mail",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert parsed["X-Auto-Response-Suppress"] == "All"
    assert parsed["From"] == f"{name} <securemail@body.example>"
    assert parsed["To"] == "maija@example.com"
    assert parsed["Subject"] == "Suojattu sähköposti: linkkisi (tarkistussanat KOIVU 48)"
    assert parsed["Message-ID"] == f"<{LINK}@body.example>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert FakeOwnMail().is_ours(f"{LINK}@body.example", parsed["X-Secure-Mail"].strip())
    assert parsedate_to_datetime(parsed["Date"]) == FixedClock().now()
    assert parsed.get_content_type() == "text/plain"
    assert parsed.get_content_charset() == "utf-8"
    assert parsed.get_content().replace("\r\n", "\n") == TEXT
    assert max(map(len, octets.split(b"\r\n"))) <= 78


def assert_delivered(octets, **as_sent):
    """A file of the maildir: what was sent, under the line that whoever delivers puts on top."""
    path, _, rest = octets.replace(b"\n", b"\r\n").partition(b"\r\n")
    assert path == f"Return-Path: <{BOUNCES}>".encode()
    assert_ours(rest, **as_sent)


def test_each_mail_bounces_to_an_address_of_its_own(start, recorder, tls):
    server = start(recorder, tls=tls[0], require_starttls=True)
    mailer = relay(f"smtp://127.0.0.1:{server.port}", tls[1])
    names = [MailName(kind, uuid4()) for kind in (*MailKind, MailKind.LINK)]
    for name in names:
        mailer.send(mail(message_id=str(name)))
    senders = [EmailAddress.parse(envelope.mail_from) for _, envelope in recorder.taken]
    assert [FakeBounceTags().mail_of(tag_in(sender)) for sender in senders] == names
    assert {sender.domain for sender in senders} == {"body.example"}
    assert max(len(sender.local) for sender in senders) <= 64


def test_tls_from_the_first_octet(start, recorder, tls):
    server = start(recorder, tls=tls[0], implicit=True)
    assert relay(f"smtps://127.0.0.1:{server.port}", tls[1]).send(mail()) == "250 2.0.0"
    assert len(recorder.taken) == 1


def test_a_relay_without_starttls_gets_nothing(start, recorder, tls):
    server = start(recorder)
    with pytest.raises(MailTemporaryError):
        relay(f"smtp://127.0.0.1:{server.port}", tls[1]).send(mail())
    assert recorder.taken == []


def test_a_certificate_of_an_unknown_authority_gets_nothing(start, recorder, tls):
    server = start(recorder, tls=tls[0], require_starttls=True)
    with pytest.raises(MailTemporaryError):
        relay(f"smtp://127.0.0.1:{server.port}").send(mail())
    assert recorder.taken == []


def test_a_certificate_of_another_host_gets_nothing(start, recorder, tmp_path):
    path = certificate(tmp_path, "elsewhere.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    trust = ssl.create_default_context(cafile=path)
    for implicit in (False, True):
        server = start(recorder, tls=context, implicit=implicit)
        scheme = "smtps" if implicit else "smtp"
        with pytest.raises(MailTemporaryError):
            relay(f"{scheme}://127.0.0.1:{server.port}", trust).send(mail())
    assert recorder.taken == []


def test_the_password_is_spoken_inside_tls_only(start, recorder, tls):
    spoken = []

    def authenticate(server, session, envelope, mechanism, data):
        spoken.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    server = start(
        recorder, tls=tls[0], require_starttls=True, authenticator=authenticate, auth_required=True
    )
    relay(f"smtp://us%40body:p%2Fw@127.0.0.1:{server.port}", tls[1]).send(mail())
    assert spoken == [(True, b"us@body", b"p/w")]


@pytest.mark.parametrize(
    ("stage", "answer", "error"),
    [
        ("rcpt", "550 5.1.1 <maija@example.com> unknown", MailRefusedError),
        ("rcpt", "450 4.2.1 <maija@example.com> busy", MailTemporaryError),
        ("data", "554 5.7.1 content refused for maija@example.com", MailRefusedError),
        ("data", "451 4.3.0 later, maija@example.com", MailTemporaryError),
        ("mail", "550 5.7.1 who are you", MailTemporaryError),
    ],
)
def test_what_the_relay_says_is_told_apart_and_never_repeated(
    start, recorder, tls, stage, answer, error
):
    server = start(recorder, tls=tls[0], require_starttls=True)
    recorder.answers[stage] = answer
    with pytest.raises(error) as raised:
        relay(f"smtp://127.0.0.1:{server.port}", tls[1]).send(mail())
    assert "maija" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_relay_that_is_not_there_is_temporary(tls):
    with pytest.raises(MailTemporaryError):
        relay("smtp://127.0.0.1:1", tls[1]).send(mail())


def test_an_international_address(start, recorder, tls):
    server = start(recorder, tls=tls[0], require_starttls=True)
    relay(f"smtp://127.0.0.1:{server.port}", tls[1]).send(
        mail(to=EmailAddress.parse("päivi@example.com"))
    )
    ((_, envelope),) = recorder.taken
    assert envelope.rcpt_tos == ["päivi@example.com"]
    assert message_from_bytes(envelope.content, policy=policy.SMTPUTF8)["To"] == "päivi@example.com"


def test_a_maildir_holds_each_mail_once_however_often_it_is_sent(tmp_path):
    mailer = relay(f"maildir:{tmp_path / 'outbox'}")
    mailer.send(mail(text="first\n"))
    assert mailer.send(mail()) == "250"
    (file,) = (tmp_path / "outbox" / "new").iterdir()
    assert file.name == LINK
    assert file.stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "outbox" / "tmp").iterdir()) == []
    octets = file.read_bytes()
    assert b"\r" not in octets
    assert TEXT.encode() in octets
    assert_delivered(octets)


def test_a_maildir_that_cannot_be_written_is_temporary(tmp_path):
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(MailTemporaryError):
        relay(f"maildir:{tmp_path / 'outbox'}").send(mail())


def test_the_name_is_that_of_the_mail_s_language(tmp_path):
    relay(f"maildir:{tmp_path}").send(mail(language="sv"))
    assert_delivered((tmp_path / "new" / LINK).read_bytes(), name="FPA")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "hello\r\nBcc: x@example.com"},
        {"subject": "hello\nBcc: x@example.com"},
        {"message_id": "a>\r\nBcc: x@example.com"},
        {"message_id": "../../etc/passwd"},
        {"message_id": f"{LINK}\r\n"},
        {"message_id": f"greeting-{LINK[5:]}"},
        {"message_id": ""},
    ],
)
def test_no_header_can_be_smuggled_in(tmp_path, changes):
    with pytest.raises(ValueError, match=r".+"):
        relay(f"maildir:{tmp_path / 'outbox'}").send(mail(**changes))
    assert not (tmp_path / "outbox").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smtp:",
        "maildir:",
        "smtp://",
        "http://host",
        "host:25",
        "smtp://host:x",
        "smtp://h/?a=1",
    ],
)
def test_another_address_is_refused_without_repeating_it(url):
    with pytest.raises(SafetyError) as raised:
        relay(url)
    assert "RELAY_URL" in str(raised.value)


def test_sending_works_from_a_thread_beside_a_running_loop(start, recorder, tls):
    server = start(recorder, tls=tls[0], require_starttls=True)

    async def main():
        return await asyncio.to_thread(
            relay(f"smtp://127.0.0.1:{server.port}", tls[1]).send, mail()
        )

    assert asyncio.run(main()) == "250 2.0.0"
