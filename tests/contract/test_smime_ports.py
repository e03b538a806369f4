"""What every S/MIME verifier and decrypter keeps to: openssl's and the one of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secure_mail.application.ports.smime import Signature, Wrapping
from secure_mail.infrastructure.smime.openssl import found
from secure_mail.infrastructure.smime.verifier import OpenSslDecrypter, OpenSslVerifier
from tests import smime_made
from tests.conftest import required
from tests.fakes import smime as faked
from tests.smime_made import ENTITY, HEADER

SHOWN = HEADER + b"MIME-Version: 1.0\r\n" + ENTITY


@dataclass
class Rig:
    verifier: Any
    decrypter: Any
    clerk: str
    stranger: str
    sign: Any
    encrypt: Any


def real(folder):
    required(found(), "openssl")
    people = {name: smime_made.identity(folder, name) for name in ("clerk", "stranger", "box")}
    by_pem = {one.pem: one for one in people.values()}
    box = people["box"]

    def sign(content, *pems, **more):
        return smime_made.signed(*(by_pem[pem] for pem in pems), content=content, **more)

    return Rig(
        OpenSslVerifier(),
        OpenSslDecrypter(key=box.key_file.read_bytes(), certificate=box.file.read_bytes()),
        people["clerk"].pem,
        people["stranger"].pem,
        sign,
        lambda content, to: smime_made.encrypted(content, people[to]),
    )


def fake():
    ports = faked.FakeSmime("box")

    def sign(content, *pems, **more):
        return faked.signed(content, *pems, at=datetime.now(UTC), **more)

    return Rig(ports, ports, "clerk's", "stranger's", sign, faked.encrypted)


@pytest.fixture(scope="module", params=["fake", "openssl"])
def rig(request, tmp_path_factory):
    return fake() if request.param == "fake" else real(tmp_path_factory.mktemp("people"))


def test_what_a_pinned_certificate_signed_is_valid(rig):
    raw = rig.sign(ENTITY, rig.clerk)
    assert rig.verifier.wrapping(raw) is Wrapping.SIGNED
    seen = rig.verifier.verify(raw, [rig.stranger, rig.clerk])
    assert (seen.state, seen.content) == (Signature.VALID, SHOWN)
    assert abs(seen.signed_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_nobody_elses_signature_is(rig):
    assert rig.verifier.verify(rig.sign(ENTITY, rig.stranger), [rig.clerk]).state is (
        Signature.INVALID
    )
    both = rig.sign(ENTITY, rig.clerk, rig.stranger)
    assert rig.verifier.verify(both, [rig.clerk]).state is Signature.INVALID
    assert rig.verifier.verify(both, []).content == b""


def test_what_was_altered_is_invalid(rig):
    raw = rig.sign(ENTITY, rig.clerk).replace(b"decision", b"decisoin")
    assert rig.verifier.verify(raw, [rig.clerk]).state is Signature.INVALID


def test_plain_mail_and_what_is_signed_further_inside_have_no_signature(rig):
    inside = b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n%b\r\n--o--\r\n"
    for raw in (
        HEADER + ENTITY,
        HEADER + b"\r\nplain",
        HEADER + inside % rig.sign(ENTITY, rig.clerk, header=b""),
        b"",
    ):
        assert rig.verifier.wrapping(raw) is Wrapping.NONE
        assert rig.verifier.verify(raw, [rig.clerk]).state is Signature.ABSENT


def test_what_is_encrypted_to_the_key_opens_and_nothing_else(rig):
    raw = rig.encrypt(ENTITY, "box")
    assert rig.verifier.wrapping(raw) is Wrapping.ENCRYPTED
    assert rig.decrypter.decrypt(raw) == SHOWN
    assert rig.decrypter.decrypt(rig.encrypt(ENTITY, "stranger")) is None
    assert rig.decrypter.decrypt(HEADER + ENTITY) is None
