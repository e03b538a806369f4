"""Roles apart over PostgreSQL, Redis and RabbitMQ: the same way, and no key where none belongs."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.contract.local_relay import Recorder, Server, certificate
from tests.journey.clerk import Clerk
from tests.journey.customer import Customer, Letter
from tests.journey.deployment import ROLES, STAFF_SITE, Deployment, events
from tests.journey.leaks import Place, files, leaks, overheard
from tests.journey.partner import COURT, letter, send
from tests.journey.program import text_of
from tests.journey.test_customer import FILES, PAYSLIP

ADDRESS = "elli.vanamo@example.com"
WORDS = ("Vanamonkukkaseppele", "suopursulehto", "karpalorahka", "Elli-Vanamo-Aune")
LETTER = Letter(name=WORDS[3], subject=WORDS[0], text=WORDS[1], files=FILES)
REPLY = f"Good day, {WORDS[2]}."
PARTNER_WORD = "lapinvuokkotunturi"


class Post:
    """The relay that every mail leaves by."""

    def __init__(self, folder: Path) -> None:
        self.certificate = certificate(folder, "127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.recorder = Recorder()
        self.server = Server(self.recorder, tls=context, require_starttls=True)

    def mails(self, address: str) -> list[Message]:
        """Mails to an address, oldest first."""
        taken = [envelope for _, envelope in self.recorder.taken]
        mine = [envelope for envelope in taken if envelope.rcpt_tos == [address]]
        return [message_from_bytes(envelope.content) for envelope in mine]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    relay = Post(tmp_path)
    yield relay
    relay.server.stop()


@pytest.fixture
def deployment(
    tmp_path: Path, postgres_url: str, redis_url: str, post: Post
) -> Iterator[Deployment]:
    made = Deployment(
        tmp_path,
        {"DATABASE_URL": postgres_url, "BROKER_URL": redis_url, "LOG_FORMAT": "json"},
        {"worker": {"RELAY_URL": f"smtp://127.0.0.1:{post.server.port}"}},
        {"SSL_CERT_FILE": str(post.certificate)},
    ).make()
    yield made
    made.stop()


def test_each_role_with_its_own_keys_walks_the_same_way(
    deployment: Deployment, post: Post, postgres_url: str, redis_url: str, rabbitmq_url: str
) -> None:
    for role in ROLES:
        held = sorted(path.name for path in deployment.key_dir(role).iterdir())
        assert held == sorted(["public.json", f"{role}.key"])
    operator = deployment.operator
    invited = operator.run(
        "staff", "init", "chief@staff.example", "--name", "A Chief", "--json"
    ).stdout
    operator.run(
        *("partners", "add", "A court", "--domain", COURT.partition("@")[2]),
        *("--require", "network", "--network", "127.0.0.1/32", "--exclusive"),
    )
    deployment.start(*ROLES)
    for role in ROLES:
        ready = [
            line
            for line in events(deployment.running[role].err)
            if line["event"] == "process.ready"
        ]
        assert [(line["roles"], line["keys"]) for line in ready] == [([role], "apart")]

    customer = Customer(deployment.browser(), post.mails, ADDRESS)
    with overheard(redis_url) as broker:
        reference = customer.write(LETTER)
        assert operator.settled(reference)["queue"] == "recovery_abroad"
        assert reference in text_of(customer.next_mail(1))
        mail = letter(COURT, "velkajarjestelyt", subject="Roolit", text=f"{PARTNER_WORD}.\n")
        (sent,) = send(deployment.smtp, mail)
        assert operator.settled(sent)["queue"] == "debt_adjustment"
    assert b"process-message" in broker

    # A worker over the other broker takes the second half; the outbox is the queue, not the broker.
    deployment.stop("worker")
    deployment.only["worker"]["BROKER_URL"] = rabbitmq_url
    deployment.start("worker")
    clerk = Clerk.set_up(deployment.staff_browser(), one_time(invited), "chief@staff.example")
    assert WORDS[0] in clerk.queue("recovery_abroad").words
    assert WORDS[1] in clerk.open(reference).words
    assert clerk.file(reference, FILES[0].name)[1] == PAYSLIP
    clerk.take(reference)
    clerk.reply(reference, REPLY)
    notice = text_of(customer.next_mail(2))
    assert reference in notice
    assert "http" not in notice

    customer.browser = deployment.browser()
    code = customer.ask_for_code()
    page = customer.browser.submit(code=code)
    assert reference in page.words
    page = customer.browser.go(f"/en/messages/{reference}")
    assert REPLY in page.words
    assert WORDS[1] not in page.words
    assert deployment.browser().go("/staff/").status == 404

    secrets = [*WORDS, PARTNER_WORD]
    told = [*customer.tokens, ADDRESS]
    brokers = [("broker", bytes(broker))]
    stored = [*tables(postgres_url), *files(deployment.shared_data), *brokers]
    sent_mails = [("mail", envelope.content) for _, envelope in post.recorder.taken]
    logs = list(files(*deployment.logs))
    assert not leaks(secrets, [*stored, *files(deployment.scratch / "keys"), *sent_mails, *logs])
    assert not leaks(told, [*stored, *logs])
    assert not leaks([COURT], [*brokers, *logs])


def one_time(told: str) -> str:
    """The path of the one-time address that a command printed as JSON."""
    address = str(json.loads(told)["address"])
    assert address.startswith(STAFF_SITE)
    return address.removeprefix(STAFF_SITE)


def tables(url: str) -> Iterator[Place]:
    """Every row of every table as PostgreSQL writes it out, octets in hexadecimal."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        assert names
        for (name,) in names:
            statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
            with connection.cursor().copy(statement) as rows:
                yield f"table {name}", b"".join(bytes(row) for row in rows)
