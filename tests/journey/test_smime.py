"""A partner that signs: registered, believed, refused and counted by the running program."""

from __future__ import annotations

import json
import smtplib
from pathlib import Path

import pytest

from tests.journey.clerk import Clerk
from tests.journey.leaks import files, leaks
from tests.journey.partner import connected
from tests.journey.program import Demo, until
from tests.smime_made import Identity, identity, signed

NAME = "Signing Institution"
ADDRESS = "clerk@signing.example"
WORDS = "kultasiipilampi"
CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPaatos: %b\r\n" % WORDS.encode()


@pytest.fixture(scope="module")
def clerks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Identity, Identity]:
    folder = tmp_path_factory.mktemp("people")
    ours, theirs = (identity(folder, name, mailbox=ADDRESS) for name in ("ours", "theirs"))
    return ours, theirs


@pytest.fixture(scope="module")
def partner(demo: Demo, clerks: tuple[Identity, Identity]) -> str:
    """Its network is in none that we know: only the signature proves it."""
    demo.operator.run(
        *("partners", "add", NAME, "--domain", "signing.example"),
        *("--require", "smime", "--certificate", str(clerks[0].file)),
    )
    return NAME


def mail(signer: Identity, subject: str) -> bytes:
    header = f"From: {ADDRESS}\r\nTo: perintakeskus@kela.fi\r\nSubject: {subject}\r\n"
    return signed(signer, content=CONTENT, header=header.encode())


def handed_over(demo: Demo, octets: bytes, author: str = ADDRESS) -> str:
    """The reference; a partner is known within a second of its registration."""

    def tried() -> str:
        with connected(demo.smtp) as client:
            client.mail(author)
            if client.rcpt("perintakeskus@kela.fi")[0] != 250:
                return ""
            code, words = client.data(octets)
            assert code == 250, words
            return words.decode().partition("Accepted as ")[2]

    return until(tried, "the door to know the partner")


def passport(demo: Demo, name: str) -> dict[str, tuple[int, int]]:
    shown = json.loads(demo.operator.run("partners", "show", name, "--json").stdout)
    return {one["check"]: (one["held"], one["missed"]) for one in shown["passport"]["checks"]}


def test_a_signature_files_it_and_another_does_not(
    demo: Demo, clerk: Clerk, partner: str, clerks: tuple[Identity, Identity]
) -> None:
    ours, theirs = clerks
    before = passport(demo, partner)
    good = demo.operator.settled(handed_over(demo, mail(ours, "Signed by a registered key")))
    assert (good["state"], good["queue"]) == ("filed", "partners")
    bad = demo.operator.settled(handed_over(demo, mail(theirs, "Signed by another key")))
    assert (bad["state"], bad["reason"]) == ("held", "not-proved")

    page = clerk.open(good["reference"])
    assert WORDS in page.words
    assert NAME in page.words
    assert "S/MIME: passed" in page.words
    after = passport(demo, partner)
    gained = {
        check: tuple(
            later - earlier for later, earlier in zip(after[check], before[check], strict=True)
        )
        for check in before
    }
    assert gained == {"tls": (2, 0), "smime": (1, 1)}
    assert not leaks([WORDS], files(demo.data, *demo.logs))
    assert not leaks([ADDRESS], files(*demo.logs))


def test_what_the_door_refuses_is_in_the_passport(demo: Demo, tmp_path: Path) -> None:
    name, address = "Elsewhere Office", "desk@elsewhere-office.example"
    demo.operator.run(
        *("partners", "add", name, "--domain", "elsewhere-office.example"),
        *("--require", "network", "--network", "192.0.2.0/28", "--exclusive"),
    )

    def refused() -> bool:
        with connected(demo.smtp) as client:
            client.mail(address)
            if client.rcpt("perintakeskus@kela.fi")[0] != 250:
                return False
            code, _ = client.data(f"From: {address}\r\nSubject: x\r\n\r\nx\r\n".encode())
            assert code == 550
            return True

    until(refused, "the door to know the partner")
    until(lambda: passport(demo, name)["network"] == (0, 1), "the refusal in the passport")
    assert passport(demo, name)["tls"] == (1, 0)


def test_a_client_that_speaks_no_tls_is_not_even_counted(demo: Demo, partner: str) -> None:
    before = passport(demo, partner)
    with (
        connected(demo.smtp, tls=False) as client,
        pytest.raises(smtplib.SMTPException),
    ):
        client.sendmail(ADDRESS, ["perintakeskus@kela.fi"], b"x")
    assert passport(demo, partner) == before
