"""The worker with openssl: from octets as they came to a case, or to a held message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from secure_mail.application.processing.authenticate import Authenticate
from secure_mail.domain.messages import Assurance, MessageState
from secure_mail.domain.partners import Check
from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.smime.openssl import found
from secure_mail.infrastructure.smime.verifier import OpenSslDecrypter, OpenSslVerifier
from secure_mail.infrastructure.vault.certificates import X509Certificates
from tests import smime_made
from tests.conftest import required
from tests.smime_made import HEADER, encrypted, identity, pkcs7, signature, signed
from tests.usecase.casework_world import Casework
from tests.usecase.court_world import arrived, pinned, smime_line, text_of

BODY = (
    b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe decision \xc3\xa4.\r\n"
    b"--in\r\nContent-Type: application/pdf; name=order.pdf\r\n\r\n%PDF-1.7\r\n--in--\r\n"
)
TOP = HEADER.replace(b"kela.example", b"kela.fi")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    required(found(), "openssl")
    folder = tmp_path_factory.mktemp("people")
    return {name: identity(folder, name) for name in ("clerk", "stranger", "box")}


@pytest.fixture
def world(people):
    world = Casework()
    world.clock.instant = datetime.now(UTC)
    box = people["box"]
    station = Authenticate(
        verifier=OpenSslVerifier(),
        decrypter=OpenSslDecrypter(
            key=box.key_file.read_bytes(), certificate=box.file.read_bytes()
        ),
        certificates=X509Certificates(),
    )
    world.jobs[JobKind.PROCESS_MESSAGE] = replace(world.process, authenticate=station)
    return world


@pytest.fixture
def court(world, people):
    return world.partner(require=(Check.SMIME,), certificates=pinned(people["clerk"]))


@pytest.mark.parametrize(
    "make",
    [
        lambda people: signed(people["clerk"], content=BODY, header=TOP),
        lambda people: pkcs7(signature(BODY, people["clerk"], opaque=True), "signed-data", TOP),
        lambda people: encrypted(
            signed(people["clerk"], content=BODY, header=b""), people["box"], header=TOP
        ),
        lambda people: signed(
            people["clerk"], content=encrypted(BODY, people["box"], header=b""), header=TOP
        ),
    ],
    ids=["detached", "opaque", "encrypted", "signed around encrypted"],
)
def test_what_the_partner_signed_is_filed_and_read(world, court, people, make):
    message = arrived(world, court, make(people))
    assert (message.state, message.assurance) == (MessageState.FILED, Assurance.SMTP_PARTNER)
    assert text_of(world, message) == "The decision ä."
    assert smime_line(message) == ("pass", "")
    case = world.case_of(message)
    assert case.files == 1, "the attachment, not the signature"


def test_what_somebody_else_signed_inside_takes_nothing_from_the_partners_signature(
    world, court, people
):
    inside = smime_made.multipart(BODY, signature(BODY, people["stranger"]), b"", b"inside")
    message = arrived(world, court, signed(people["clerk"], content=inside, header=TOP))
    assert (message.state, message.assurance) == (MessageState.FILED, Assurance.SMTP_PARTNER)
    assert smime_line(message) == ("pass", "")


@pytest.mark.parametrize(
    ("make", "reason", "said"),
    [
        (
            lambda people: signed(people["stranger"], content=BODY, header=TOP),
            "not-proved",
            ("fail", "signature-wrong"),
        ),
        (
            lambda people: (
                TOP
                + b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                + signed(people["clerk"], content=BODY, header=b"")
                + b"\r\n--o--\r\n"
            ),
            "not-proved",
            ("none", "unsigned"),
        ),
        (
            lambda people: pkcs7(
                signature(BODY, people["stranger"], opaque=True), "signed-data", TOP
            ),
            "locked",
            ("fail", "signature-wrong"),
        ),
        (
            lambda people: encrypted(BODY, people["stranger"], header=TOP),
            "locked",
            ("none", "unsigned"),
        ),
        (
            lambda people: smime_made.multipart(
                BODY, signature(BODY, people["clerk"], digest="sha1"), TOP
            ),
            "not-proved",
            ("policy", "algorithm-not-accepted"),
        ),
    ],
)
def test_everything_else_is_held(world, court, people, make, reason, said):
    message = arrived(world, court, make(people))
    assert (message.state, message.reason) == (MessageState.HELD, reason)
    assert smime_line(message) == said
