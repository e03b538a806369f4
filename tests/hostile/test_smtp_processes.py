"""Mail doors as processes: two on one port, restarts, signals, and what a postmaster can ask."""

from __future__ import annotations

import signal
import smtplib
import socket
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.journey.deployment import ROLES, Deployment, events
from tests.journey.partner import INSTITUTION, connected
from tests.journey.program import Running, until
from tests.services.processes import free_port

BOX = "velkajarjestelyt@kela.fi"
PATIENCE = 60.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment over SQLite, with one partner."""
    return made(tmp_path_factory.mktemp("apart"))


def made(folder: Path, **settings: object) -> Deployment:
    deployment = Deployment(folder, {"RELAY_URL": "smtp://127.0.0.1:9", **settings}).make()
    deployment.operator.run(
        *("partners", "add", "An institution", "--domain", "institution.example"),
        *("--require", "network", "--network", "127.0.0.1/32", "--exclusive"),
    )
    deployment.hand_out("lmtp")
    return deployment


@pytest.fixture
def apart(prepared: Deployment) -> Iterator[Deployment]:
    """Nothing is started yet; what other tests left in the store is there."""
    yield from fresh(prepared)


def fresh(deployment: Deployment) -> Iterator[Deployment]:
    certificate, key = self_signed(deployment.scratch)
    deployment.only = {
        "smtp": {"SMTP_TLS_CERT": certificate, "SMTP_TLS_KEY": key},
        "lmtp": {"LMTP_BIND": deployment.scratch / "run" / "lmtp.sock"},
    }
    deployment.ports["smtp"] = free_port()
    for log in deployment.logs:
        log.unlink()
    yield deployment
    while deployment.running:
        deployment.running.popitem()[1].end(signal.SIGKILL)


def stored(deployment: Deployment) -> list[str]:
    rows = deployment.operator.listing("messages", "list", "--limit", "500")
    return [row["reference"] for row in rows]


def letter(subject: object) -> bytes:
    head = f"From: {INSTITUTION}\r\nTo: {BOX}\r\nSubject: {subject}\r\n\r\n"
    return f"{head}The words of {subject}.\r\n".encode()


def handed_over(address: tuple[str, int], subject: object) -> str:
    """The reference, from a mail server that tries until it is told."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError, smtplib.SMTPException), connected(address) as client:
            client.mail(INSTITUTION)
            client.rcpt(BOX)
            code, words = client.data(letter(subject))
            if code == 250:
                return words.decode().partition("Accepted as ")[2]
        time.sleep(0.02)
    raise TimeoutError("never acknowledged")


def second(deployment: Deployment, name: str) -> Running:
    """One more process of role smtp, ready."""
    environment = deployment.environment("smtp")
    words = ("serve", "--role", "smtp")
    process = Running.start(words, environment, deployment.scratch, name)
    deployment.running[name] = process
    process.wait_for(lambda: "process.ready" in process.err.read_text(), f"{name} is ready")
    return process


def said(process: Running, event: str) -> list[dict[str, object]]:
    return [line for line in events(process.err) if line.get("event") == event]


def shared(deployment: Deployment) -> None:
    """Two processes take mail on one port, are restarted in turn, and nothing is lost or twice."""
    deployment.only["smtp"]["SMTP_REUSE_PORT"] = "true"
    before = stored(deployment)
    first, other = second(deployment, "smtp-1"), second(deployment, "smtp-2")
    with ThreadPoolExecutor(4) as senders:
        references = list(senders.map(lambda n: handed_over(deployment.smtp, n), range(40)))
        assert said(first, "smtp.accepted")
        assert said(other, "smtp.accepted")
        rolling = [
            senders.submit(handed_over, deployment.smtp, f"rolling {number}")
            for number in range(60)
        ]
        for number, process in enumerate((first, other)):
            until(lambda past=number: sum(one.done() for one in rolling) > 10 * past, "mail flows")
            assert process.end() == 0
            second(deployment, f"smtp-new-{number}")
        references += [one.result() for one in rolling]
    assert len(set(references)) == 100
    assert sorted(stored(deployment)) == sorted(before + references)


def test_two_processes_on_one_port_over_sqlite(apart):
    shared(apart)


def test_two_processes_on_one_port_over_postgresql(tmp_path, postgres_url):
    for deployment in fresh(made(tmp_path, DATABASE_URL=postgres_url)):
        shared(deployment)


def test_without_the_setting_a_second_process_says_who_is_in_its_way(apart):
    apart.start("smtp")
    words = ("serve", "--role", "smtp")
    process = Running.start(words, apart.environment("smtp"), apart.scratch, "late")
    assert process.process.wait(PATIENCE) != 0
    last = process.err.read_text().splitlines()[-1]
    assert f"address already in use: 127.0.0.1:{apart.ports['smtp']}" in last
    assert handed_over(apart.smtp, "still here")
    apart.stop()


def test_a_hangup_ends_no_role_and_brings_the_new_certificate(apart):
    apart.start(*ROLES, "lmtp")
    with connected(apart.smtp) as before:
        old = before.sock.getpeercert(binary_form=True)
        self_signed(apart.scratch)
        for process in apart.running.values():
            process.process.send_signal(signal.SIGHUP)
        smtp = apart.running["smtp"]
        smtp.wait_for(lambda: said(smtp, "smtp.certificate-loaded"), "the certificate is read")
        with connected(apart.smtp) as after:
            assert after.sock.getpeercert(binary_form=True) != old
        (apart.scratch / "key.pem").write_text("junk")
        smtp.process.send_signal(signal.SIGHUP)
        smtp.wait_for(lambda: said(smtp, "smtp.certificate-kept"), "the fault is told")
        with connected(apart.smtp):
            pass
        assert before.noop()[0] == 250
    apart.stop()


def test_at_a_stop_the_message_in_hand_finishes(apart):
    apart.start("smtp")
    process = apart.running["smtp"]
    with connected(apart.smtp) as idle, connected(apart.smtp) as busy:
        busy.mail(INSTITUTION)
        busy.rcpt(BOX)
        assert busy.docmd("DATA")[0] == 354
        half = len(letter("in hand")) // 2
        busy.send(letter("in hand")[:half])
        process.process.send_signal(signal.SIGTERM)
        assert idle.getreply()[0] == 421
        until(lambda: not apart.answers("smtp"), "it listens no more")
        busy.send(letter("in hand")[half:] + b".\r\n")
        code, words = busy.getreply()
        assert code == 250
        assert busy.getreply()[0] == 421
    assert process.process.wait(PATIENCE) == 0
    assert words.decode().partition("Accepted as ")[2] in stored(apart)


def test_lmtp_is_a_process_of_its_own(apart):
    path = apart.scratch / "run" / "lmtp.sock"
    before = stored(apart)
    apart.start("lmtp")
    process = apart.running["lmtp"]
    (ready,) = said(process, "process.ready")
    assert ready["doors"] == {"lmtp": str(path)}
    assert healthy(apart, "lmtp") == 0
    with smtplib.LMTP(str(path)) as client:
        client.sendmail(INSTITUTION, [BOX], letter("delivered"))
    assert len(stored(apart)) == len(before) + 1
    process.process.send_signal(signal.SIGKILL)
    process.process.wait(PATIENCE)
    assert path.exists()
    assert healthy(apart, "lmtp") == 1
    process.err.unlink()
    apart.start("lmtp")
    assert healthy(apart, "lmtp") == 0
    apart.stop()
    assert not path.exists()


def healthy(deployment: Deployment, role: str) -> int:
    """The exit code of `health`."""
    process = Running.start(
        ("health", "--role", role), deployment.environment(role), deployment.scratch, "health"
    )
    return process.process.wait(PATIENCE)


def test_every_listener_of_one_process_is_told_asked_and_counted(apart):
    partners, metrics = free_port(), free_port()
    apart.only["smtp"] |= {
        "SMTP_PARTNER_BIND": f"127.0.0.1:{partners}",
        "METRICS_BIND": f"127.0.0.1:{metrics}",
        "SMTP_PROXIES": "127.0.0.2/32",
    }
    apart.start("smtp")
    (ready,) = said(apart.running["smtp"], "process.ready")
    assert ready["doors"] == {
        "metrics": f"127.0.0.1:{metrics}",
        "smtp": f"127.0.0.1:{apart.ports['smtp']}",
        "partners": f"127.0.0.1:{partners}",
    }
    assert healthy(apart, "smtp") == 0
    handed_over(apart.smtp, "counted")
    with connected(apart.smtp) as client:
        client.mail(INSTITUTION)
        assert client.rcpt("nobody@kela.fi")[0] == 550
        client.rcpt(BOX)
        client.docmd("DATA")
        client.close()
    address = f"http://127.0.0.1:{metrics}/metrics"

    def figures() -> str:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return str(answer.read().decode())

    aborted = 'secure_mail_door_aborted_total{door="smtp"} 1.0'
    found = until(lambda: text if aborted in (text := figures()) else "", "the abort is counted")
    for line in (
        'secure_mail_door_accepted_total{door="smtp"} 1.0',
        'secure_mail_door_refused_total{code="no-such-mailbox",door="smtp"} 1.0',
        'secure_mail_door_connections_total{door="partners"} 1.0',
        'secure_mail_door_open_connections{door="partners"} 0.0',
    ):
        assert line in found
    apart.stop()


def test_health_introduces_itself_where_balancers_must(apart):
    apart.only["smtp"]["SMTP_PROXIES"] = "127.0.0.1/32"
    apart.start("smtp")
    with socket.create_connection(apart.smtp) as stranger:
        stranger.sendall(b"EHLO x\r\n")
        assert stranger.recv(100) == b""
    assert healthy(apart, "smtp") == 0
    apart.stop()


def test_a_partner_listener_without_a_certificate_is_refused_at_the_start(apart):
    settings = apart.only["smtp"]
    for name in ("SMTP_TLS_CERT", "SMTP_TLS_KEY"):
        del settings[name]
    settings |= {"SMTP_REQUIRE_TLS": "false", "SMTP_PARTNER_BIND": f"127.0.0.1:{free_port()}"}
    process = Running.start(
        ("serve", "--role", "smtp"), apart.environment("smtp"), apart.scratch, "bare"
    )
    assert process.process.wait(PATIENCE) != 0
    assert "SMTP_TLS_CERT" in process.err.read_text()
