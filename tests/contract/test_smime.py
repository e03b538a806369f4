"""S/MIME verified and decrypted by openssl: what counts, and everything that does not."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from secure_mail.application.ports.smime import Signature, Wrapping
from secure_mail.infrastructure.smime import cms
from secure_mail.infrastructure.smime.openssl import found
from secure_mail.infrastructure.smime.verifier import OpenSslVerifier
from tests.conftest import required
from tests.smime_made import (
    ENTITY,
    HEADER,
    identity,
    multipart,
    pkcs7,
    signature,
    signed,
)

VERIFIER = OpenSslVerifier()
OTHER = b"Content-Type: text/plain\r\n\r\nPay to another account.\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    required(found(), "openssl")
    return tmp_path_factory.mktemp("smime")


@pytest.fixture(scope="module")
def clerk(folder):
    return identity(folder, "clerk")


@pytest.fixture(scope="module")
def stranger(folder):
    return identity(folder, "stranger")


def state(raw, *pinned):
    return VERIFIER.verify(raw, [one.pem for one in pinned]).state


def test_a_detached_signature_of_a_pinned_certificate_is_valid(clerk):
    raw = signed(clerk)
    assert VERIFIER.wrapping(raw) is Wrapping.SIGNED
    found = VERIFIER.verify(raw, [clerk.pem])
    assert found.state is Signature.VALID
    assert found.content == HEADER + b"MIME-Version: 1.0\r\n" + ENTITY
    assert abs(found.signed_at - datetime.now(UTC)) < timedelta(minutes=2)


def test_an_opaque_signature_is_valid_and_shows_what_is_inside(clerk):
    raw = pkcs7(signature(ENTITY, clerk, opaque=True), "signed-data")
    assert VERIFIER.wrapping(raw) is Wrapping.SIGNED
    found = VERIFIER.verify(raw, [clerk.pem])
    assert found.state is Signature.VALID
    assert found.content.endswith(ENTITY)


def test_what_streaming_signers_make_is_understood(clerk, folder):
    """Lengths are left open (BER), the content is cut into chunks."""
    large = ENTITY + b"x" * 300_000 + b"\r\n"
    command = ["cms", "-sign", "-binary", "-outform", "DER", "-stream", "-nodetach"]
    made = subprocess.run(
        [found(), *command, "-signer", clerk.file, "-inkey", clerk.key_file],
        input=large,
        capture_output=True,
        check=True,
    ).stdout
    assert made[1] == 0x80
    seen = VERIFIER.verify(pkcs7(made, "signed-data"), [clerk.pem])
    assert (seen.state, seen.content.endswith(large)) == (Signature.VALID, True)


def test_of_several_pinned_certificates_one_is_enough(clerk, stranger):
    assert state(signed(clerk), stranger, clerk) is Signature.VALID


def test_a_certificate_that_is_not_pinned_proves_nothing(clerk, stranger):
    assert state(signed(stranger), clerk) is Signature.INVALID
    assert state(signed(clerk)) is Signature.INVALID


def test_two_signers_count_together_or_not_at_all(clerk, stranger):
    both = signed(clerk, stranger)
    assert state(both, clerk) is Signature.INVALID
    assert state(both, clerk, stranger) is Signature.VALID


def test_what_a_pinned_certificate_has_issued_is_not_pinned(folder, clerk):
    authority = identity(folder, "authority", authority=True)
    issued = identity(folder, "issued", issuer=authority)
    assert state(signed(issued), authority) is Signature.INVALID
    assert state(signed(authority), authority) is Signature.VALID


def test_a_twin_with_the_same_issuer_and_serial_is_another_key(folder, clerk):
    """The message brings the twin along; only the pinned key counts."""
    apart = folder / "twin"
    apart.mkdir()
    twin = identity(apart, "clerk", serial=clerk.certificate.serial_number)
    assert twin.certificate.issuer == clerk.certificate.issuer
    assert state(signed(twin), clerk) is Signature.INVALID


def test_altered_content_and_a_signature_of_other_content_are_invalid(clerk):
    assert state(signed(clerk).replace(b"decision", b"decisoin"), clerk) is Signature.INVALID
    assert state(multipart(OTHER, signature(ENTITY, clerk)), clerk) is Signature.INVALID


def test_content_inside_a_detached_signature_is_refused(clerk):
    """One of the two would be verified, and perhaps the other be shown."""
    opaque = signature(ENTITY, clerk, opaque=True)
    assert state(multipart(ENTITY, opaque), clerk) is Signature.INVALID
    assert state(multipart(OTHER, opaque), clerk) is Signature.INVALID


def test_a_detached_signature_without_its_content_is_refused(clerk):
    assert state(pkcs7(signature(ENTITY, clerk), "signed-data"), clerk) is Signature.INVALID


@pytest.mark.parametrize("kind", [b"mixed", b"alternative", b"related"])
def test_a_signed_part_in_an_unsigned_wrapper_proves_nothing(clerk, kind):
    inner = signed(clerk, header=b"")
    raw = (
        HEADER
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/%b; boundary=out\r\n\r\n--out\r\n" % kind
        + OTHER
        + b"\r\n--out\r\n"
        + inner
        + b"\r\n--out--\r\n"
    )
    assert VERIFIER.wrapping(raw) is Wrapping.NONE
    assert state(raw, clerk) is Signature.ABSENT


def test_a_signed_message_attached_to_another_proves_nothing(clerk):
    raw = HEADER + b"Content-Type: message/rfc822\r\n\r\n" + signed(clerk)
    assert state(raw, clerk) is Signature.ABSENT


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"after": b"--cut\r\n" + OTHER + b"\r\n--cut--\r\n"}, id="third part after"),
        pytest.param({"before": b"--cut\r\n" + OTHER + b"\r\n"}, id="third part before"),
    ],
)
def test_a_third_part_is_none_of_ours(clerk, more):
    raw = multipart(ENTITY, signature(ENTITY, clerk), **more)
    assert state(raw, clerk) is Signature.ABSENT


@pytest.mark.parametrize(
    ("written", "ends"),
    [(b"\r\n--cut--\r\n", b"\r\n--cut\r\n"), (b"\r\n--cut\r\n", b"\r\n--cut--\r\n")],
    ids=["without an end", "with its end before the signature"],
)
def test_parts_that_end_elsewhere_are_read_in_two_ways(clerk, written, ends):
    raw = signed(clerk)
    at = raw.rindex(written)
    assert state(raw[:at] + ends + raw[at + len(written) :], clerk) is Signature.ABSENT


def test_what_stands_around_the_parts_is_not_shown(clerk):
    raw = multipart(
        ENTITY, signature(ENTITY, clerk), before=b"Pay now\r\n", after=b"\r\nList footer\r\n"
    )
    found = VERIFIER.verify(raw, [clerk.pem])
    assert found.state is Signature.VALID
    assert b"Pay" not in found.content
    assert b"footer" not in found.content


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Type: text/plain\r\n",
        b"X: y\nContent-Type: text/html\r\n",
        b"X: y\rContent-Type: text/html\r\n",
        b"X: \0\r\n",
    ],
)
def test_a_header_that_programs_read_in_two_ways_is_refused(clerk, line):
    assert state(line + signed(clerk), clerk) is Signature.ABSENT


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Disposition: attachment; filename=x.exe\r\n",
        b"Content-Language: sv\r\n",
        b"Pay to another account\r\n",
        b"Content-Id: <x>\r\n",
    ],
)
def test_the_unsigned_header_says_nothing_of_the_signed_body(clerk, line):
    found = VERIFIER.verify(HEADER + line + signed(clerk, header=b""), [clerk.pem])
    assert found.state is Signature.VALID
    assert found.content == HEADER + b"MIME-Version: 1.0\r\n" + ENTITY


def test_the_signed_header_brings_no_sender_of_its_own(clerk):
    entity = b"From: boss@other.example\r\nSubject: x\r\n" + ENTITY
    found = VERIFIER.verify(signed(clerk, content=entity), [clerk.pem])
    assert found.content == HEADER + b"MIME-Version: 1.0\r\n" + ENTITY


def test_signed_octets_that_are_no_entity_are_not_shown(clerk):
    """RFC 5652's attributes, for instance, signed once and presented as content."""
    for octets in (b"1\x81\x5c0\x18\x06\x09\x2a\r\n\r\n", b"no header\r\n\r\nbody", b"x"):
        made = pkcs7(signature(octets, clerk, opaque=True), "signed-data")
        assert state(made, clerk) is Signature.INVALID


@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_a_weak_digest_counts_as_none(clerk, digest):
    made = signature(ENTITY, clerk, digest=digest)
    assert state(multipart(ENTITY, made), clerk) is Signature.WEAK


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: b"",
        lambda made: b"0",
        lambda made: b"\x30\x80" * 5000,
        lambda made: b"\x30\x84\xff\xff\xff\xff" + made,
        lambda made: made[:-1],
        lambda made: made + b"\0",
        lambda made: made[:40],
        lambda made: made.replace(cms.SIGNED_DATA, cms.DATA),
        lambda made: made.replace(cms.DATA, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x05", 1),
        lambda made: b"\x30\x80" + b"\x04\0" * 400_000 + b"\0\0",
        lambda made: os.urandom(300),
    ],
)
def test_a_malformed_signature_is_invalid(clerk, spoil):
    assert state(multipart(ENTITY, spoil(signature(ENTITY, clerk))), clerk) is Signature.INVALID


def test_certificates_without_a_signer_are_no_signature(clerk, folder):
    command = [found(), "crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", clerk.file]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert state(pkcs7(made, "certs-only"), clerk) is not Signature.VALID


def test_a_large_message_is_verified(clerk):
    content = ENTITY + (b"x" * 76 + b"\r\n") * 400_000
    assert len(content) > 30_000_000
    assert state(signed(clerk, content=content), clerk) is Signature.VALID
