"""A link mail on its way out through relays that are down, put off, fall silent, refuse or lie."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID

import pytest

from secure_mail.application.ports.mail import MailTemporaryError, OutgoingMail
from secure_mail.application.upkeep.retry_job import RetryJob
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailKind, MailName
from secure_mail.domain.links import LinkState
from secure_mail.domain.work import MAIL_PAUSES, MAIL_TRIED_FOR, JobState
from secure_mail.infrastructure.mailer.compose import Compose, Sender
from secure_mail.infrastructure.mailer.from_url import mailer_from_url
from secure_mail.infrastructure.mailer.relay import SILENCE, Relay, RelayMailer
from secure_mail.interfaces.worker.actors import run_job
from tests.contract.local_relay import Recorder, Server, certificate
from tests.fakes.chance import FixedClock
from tests.fakes.vault import FakeBounceTags, FakeOwnMail
from tests.services.processes import free_port
from tests.usecase.links_world import LIFE, LinksWorld


@dataclass
class Jobs:
    """As much of the worker as a mail needs."""

    send_link: Any
    retry_job: Any


class MailOut(LinksWorld):
    """Asks for a link; its mail goes to a relay on a port where one may listen, or none."""

    def __init__(self, folder):
        super().__init__()
        path = certificate(folder, "127.0.0.1")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(path)
        self.port, self.recorder, self.server = free_port(), Recorder(), None
        mailer = mailer_from_url(
            f"smtp://127.0.0.1:{self.port}",
            Sender(address=EmailAddress.parse("securemail@body.example")),
            FakeOwnMail(),
            FakeBounceTags(),
            self.clock,
            trust=ssl.create_default_context(cafile=path),
        )
        job = replace(self.send_link.job, mailer=mailer)
        retry = RetryJob(
            units=self.store.units,
            clock=self.clock,
            undelivered=job.undelivered,
            link_life=LIFE,
        )
        self.jobs = Jobs(replace(self.send_link, job=job), retry)
        self.ask()

    def up(self, *, tls=True):
        self.down()
        given = {"tls": self.tls, "require_starttls": True} if tls else {}
        self.server = Server(self.recorder, port=self.port, **given)

    def down(self):
        if self.server is not None:
            self.server.stop()
        self.server = None

    def try_once(self):
        """Runs what is due; the state of the job afterwards."""
        [claim] = self.claim()
        run_job(self.jobs, claim)
        return self.entry().state

    def entry(self):
        [entry] = self.store.state.outbox.values()
        return entry

    def wait_for_the_next_try(self):
        self.clock.advance(self.entry().due_at - self.clock.now())

    def message_ids(self):
        mails = [message_from_bytes(envelope.content) for _, envelope in self.recorder.taken]
        return [mail["Message-ID"] for mail in mails]


@pytest.fixture
def out(tmp_path):
    world = MailOut(tmp_path)
    yield world
    world.down()


def test_a_relay_that_is_down_for_a_night_gets_the_mail_in_the_morning(out):
    for _ in range(8):
        assert out.try_once() is JobState.PENDING
        out.wait_for_the_next_try()
    assert out.clock.now() - out.entry().created_at > timedelta(hours=12)
    out.up()
    assert out.try_once() is JobState.DONE
    assert len(out.recorder.taken) == 1
    assert out.links()[0].state is LinkState.LIVE
    assert out.events()[-1] == "link.mailed"


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_relay_that_puts_off_is_asked_again(out, stage):
    out.up()
    out.recorder.answers[stage] = "451 4.7.1 Greylisted, maija@example.com"
    assert out.try_once() is JobState.PENDING
    assert out.claim() == []
    assert out.entry().due_at == out.clock.now() + MAIL_PAUSES[0]
    out.recorder.answers.clear()
    out.wait_for_the_next_try()
    assert out.try_once() is JobState.DONE
    assert set(out.message_ids()) == {f"<link-{out.links()[0].id}@body.example>"}


def test_a_relay_that_drops_after_the_dot_gets_the_same_mail_again(out):
    """Whether it has the first one, nobody knows: a reader's program shows the two as one."""
    out.up()
    out.recorder.drops = True
    assert out.try_once() is JobState.PENDING
    out.recorder.drops = False
    out.wait_for_the_next_try()
    assert out.try_once() is JobState.DONE
    first, second = out.message_ids()
    assert first == second
    texts = [
        message_from_bytes(envelope.content).get_payload(decode=True)
        for _, envelope in out.recorder.taken
    ]
    assert texts[0] == texts[1]
    assert len(out.links()) == 1


def test_a_relay_without_starttls_gets_nothing_until_it_has_it(out):
    out.up(tls=False)
    assert out.try_once() is JobState.PENDING
    assert out.recorder.taken == []
    out.up()
    out.wait_for_the_next_try()
    assert out.try_once() is JobState.DONE


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_relay_that_refuses_ends_it_and_the_link_with_it(out, stage):
    out.up()
    out.recorder.answers[stage] = "550 5.1.1 no maija@example.com here"
    assert out.try_once() is JobState.DEAD
    assert out.entry().last_error == "MailRefusedError"
    assert out.links()[0].state is LinkState.REVOKED
    out.clock.advance(MAIL_TRIED_FOR)
    assert out.claim() == []
    with out.store.units.reading() as uow:
        assert uow.outbox.dead(out.entry().kind, 10) == 1


def test_a_relay_that_never_comes_back_is_given_up_and_recorded(out):
    states = [out.try_once()]
    while states[-1] is JobState.PENDING:
        out.wait_for_the_next_try()
        states.append(out.try_once())
    assert states[-1] is JobState.DEAD
    assert out.links()[0].revoked_reason == "given-up"
    assert out.events()[-1] == "mail.undelivered"


def test_a_relay_that_says_nothing_is_left_alone_for_a_while(tmp_path):
    """A hundred mails that each wait for it would keep every thread from processing messages."""
    clock, asked = FixedClock(), []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mailer = RelayMailer(
            Relay(
                host="127.0.0.1",
                port=mute.getsockname()[1],
                implicit_tls=False,
                trust=ssl.create_default_context(),
            ),
            Compose(
                sender=Sender(address=EmailAddress.parse("securemail@body.example")),
                own_mail=FakeOwnMail(),
                bounce_tags=FakeBounceTags(),
                clock=clock,
            ),
            timeout=0.2,
        )

        def attempt():
            with pytest.raises(MailTemporaryError, match="Timeout"):
                mailer.send(
                    OutgoingMail(
                        to=EmailAddress.parse("maija@example.com"),
                        subject="A subject",
                        text="A text.\n",
                        message_id=str(MailName(MailKind.LINK, UUID(int=1))),
                        language="en",
                    )
                )

        def connections():
            mute.settimeout(0)
            with suppress(BlockingIOError):
                while True:
                    asked.append(mute.accept()[0])
            return len(asked)

        attempt()
        assert connections() == 1
        attempt()
        clock.advance(SILENCE - timedelta(microseconds=1))
        attempt()
        assert connections() == 1
        clock.advance(timedelta(microseconds=1))
        attempt()
        assert connections() == 2
        for connection in asked:
            connection.close()


def test_nothing_of_the_relay_s_words_is_kept(out):
    out.up()
    out.recorder.answers["rcpt"] = "451 4.2.2 maija@example.com is over quota"
    out.try_once()
    assert "maija" not in repr(out.entry())
    assert "quota" not in repr(list(out.store.state.audit.values()))
