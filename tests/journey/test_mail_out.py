"""Mail out through a real Postfix, and back: signed on its way, and a bounce that ends its link."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import dkim
import pytest

from tests.conftest import required
from tests.contract.local_relay import Recorder, Server, certificate
from tests.journey.browser import Browser
from tests.journey.customer import Customer
from tests.journey.deployment import Deployment, events
from tests.journey.partner import connected
from tests.journey.program import Operator, surroundings, until
from tests.services import postfix
from tests.services.postfix import Postfix
from tests.services.postgres import Postgres

REPORT = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; maija.koe@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
    "--b--\r\n"
)


@dataclass
class Post:
    """The deployment, the Postfix that its mail leaves by, and the server of the recipients."""

    deployment: Deployment
    relay: Postfix
    far: Recorder
    key: Path

    def mails(self, address: str) -> list[Message]:
        """What came to an address, oldest first; also what its server then refused."""
        taken = [envelope for _, envelope in self.far.taken]
        mine = [envelope for envelope in taken if envelope.rcpt_tos == [address]]
        return [message_from_bytes(envelope.content) for envelope in mine]

    def customer(self, name: str) -> Customer:
        return Customer(self.deployment.browser(), self.mails, f"{name}@example.com")

    def bounce_address(self) -> str:
        return str(self.far.taken[-1][1].mail_from)

    def link_is_gone(self, link: str) -> bool:
        return self.deployment.browser().go(link).status == 404

    def bounces(self) -> list[dict[str, object]]:
        """Every message that came in, settled."""
        operator = self.deployment.operator
        return operator.all_settled() if operator.messages() else []


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[Post]:
    with postgres_server.database() as url:
        yield from _post(tmp_path_factory.mktemp("mail-out"), url)


def _post(tmp_path: Path, postgres_url: str) -> Iterator[Post]:
    required(postfix.binary(), "Postfix")
    pem, far = certificate(tmp_path, "127.0.0.1"), Recorder()
    server = Server(far)
    key = tmp_path / "dkim.pem"
    make = ("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    subprocess.run([*make, "-out", str(key)], check=True, capture_output=True)
    key.chmod(0o600)
    made = Deployment(
        tmp_path,
        {"DATABASE_URL": postgres_url, "LOG_FORMAT": "json"},
        {"worker": {"DKIM_KEY": key, "DKIM_SELECTOR": "mail2026"}},
        {"SSL_CERT_FILE": str(pem)},
    ).make()
    relay = postfix.begin(
        tmp_path,
        relay_to=("127.0.0.1", server.port),
        extra_main={
            "mynetworks": "127.0.0.0/8",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "smtpd_recipient_restrictions": "check_recipient_access"
            " inline:{ unwelcome@example.com=REJECT }, permit_mynetworks, reject",
            "smtpd_tls_security_level": "encrypt",
            "smtpd_tls_chain_files": str(pem),
            "transport_maps": "inline:{"
            f" {{ kela.fi = smtp:[127.0.0.1]:{made.ports['smtp']} }}"
            f" {{ example.com = smtp:[127.0.0.1]:{server.port} }} }}",
        },
    )
    made.only["worker"]["RELAY_URL"] = f"smtp://127.0.0.1:{relay.port}"
    try:
        made.start("web", "smtp", "worker")
        yield Post(made, relay, far, key)
        made.stop()
    finally:
        relay.stop()
        server.stop()


def published(key: Path) -> bytes:
    """What the operator puts into DNS, made as the manual says."""
    words = ("openssl", "pkey", "-in", str(key), "-pubout", "-outform", "PEM")
    pem = subprocess.run(words, check=True, capture_output=True).stdout
    return b"v=DKIM1; k=rsa; p=" + b"".join(pem.split(b"\n")[1:-2])


def test_a_bounced_link_mail_ends_its_link_and_nobody_elses(post: Post) -> None:
    kept = post.customer("maija.koe").ask_for_link()
    post.far.answers["data"] = "550 5.1.1 <maija.koe@example.com>: no such user here"
    before = len(post.far.taken)
    gone = post.customer("maija.koe").ask_for_link()
    until(lambda: post.link_is_gone(gone), "the link is revoked")
    assert not post.link_is_gone(kept)

    post.relay.wait_for_log("sender non-delivery notification")
    post.relay.wait_until_empty()
    bounce = post.bounces()[-1]
    assert (bounce["state"], bounce["mailbox"], bounce["queue"]) == (
        "filed",
        "postmaster",
        "bounces",
    )
    case = post.deployment.operator.case(str(bounce["case"]))
    assert (case["state"], case["rule"]) == ("closed", "undelivered")
    # Nobody answers a machine, and no bounce bounces.
    assert len(post.far.taken) == before + 1
    post.far.answers.clear()
    assert "maija.koe" not in "".join(log.read_text() for log in post.deployment.logs)


def test_a_mail_is_signed_as_its_receiver_sees_it(post: Post) -> None:
    post.customer("signed").ask_for_link()
    octets = post.far.taken[-1][1].content
    record = published(post.key)
    asked = []

    def dns(name: bytes, **_: object) -> bytes:
        asked.append(name)
        return record

    assert b"\r\nReceived: " in b"\r\n" + octets
    assert dkim.verify(octets, dnsfunc=dns)
    assert asked == [b"mail2026._domainkey.kela.fi."]


def test_what_is_no_bounce_of_ours_changes_nothing(post: Post) -> None:
    customer = post.customer("beset")
    link = customer.ask_for_link()
    ours, before = post.bounce_address(), len(post.bounces())
    failed = REPORT.format(action="failed", status="5.1.1")
    tag = ours.removeprefix("bounces+").removesuffix("@kela.fi")
    forged = f"bounces+{tag[::-1]}@kela.fi"
    with connected(post.deployment.smtp) as client:
        for sender, recipient in (
            ("mallory@example.org", ours),
            ("", forged),
            ("", "bounces+@kela.fi"),
        ):
            client.mail(sender)
            assert client.rcpt(recipient) == (550, b"5.1.1 No such mailbox here")
            client.rset()
        for recipient, report in (
            (ours, REPORT.format(action="delayed", status="4.4.1")),
            ("postmaster@kela.fi", failed),
        ):
            client.mail("")
            assert client.rcpt(recipient)[0] == 250
            assert client.data(report)[0] == 250
        assert len(post.bounces()) == before + 2
        assert not post.link_is_gone(link)

        customer.redeem(link)
        page = customer.browser.page.url
        client.mail("")
        client.rcpt(ours.upper())
        assert client.data(failed)[0] == 250
    until(lambda: post.link_is_gone(link), "the link is revoked")
    assert customer.browser.go(page).status in {403, 404}


def test_a_relay_that_refuses_for_good_is_told_in_the_log(post: Post) -> None:
    """Our own relay says no: there is no bounce, and the link ends at once."""
    log = post.deployment.running["worker"].err
    ask(post.deployment.browser(), "unwelcome@example.com")

    def refused() -> list[object]:
        return [each["kind"] for each in events(log) if each.get("event") == "mail.refused"]

    until(refused, "the refusal is logged")
    assert refused() == ["send-link"]
    assert post.mails("unwelcome@example.com") == []
    assert "unwelcome" not in log.read_text()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"DKIM_SELECTOR": ""}, "SECURE_MAIL_DKIM_SELECTOR"),
        ({"DKIM_KEY": ""}, "SECURE_MAIL_DKIM_KEY"),
        ({"DKIM_KEY": "/nowhere/dkim.pem"}, "/nowhere/dkim.pem"),
        ({"DKIM_KEY": "/etc/hostname"}, "/etc/hostname"),
        ({"DKIM_SELECTOR": "a b"}, "SECURE_MAIL_DKIM_SELECTOR"),
    ],
)
def test_a_key_or_selector_that_cannot_sign_stops_the_worker_at_its_start(
    post: Post, changes: dict[str, str], says: str
) -> None:
    whole = {**post.deployment.settings("worker"), **changes}
    given = {name: value for name, value in whole.items() if value != ""}
    told = Operator(surroundings(given)).run("serve", "--role", "worker", code=2).stderr
    assert says in told
    assert told.count("\n") == 1


def ask(browser: Browser, address: str) -> None:
    """For a link, through eligibility and country, without waiting for it."""
    browser.go("/en/eligibility")
    browser.submit(audience="abroad")
    browser.submit(country="PL")
    assert browser.submit(address=address).path == "/en/link/sent"
