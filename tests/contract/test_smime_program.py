"""The openssl process: its limits, what it sees, and what it decrypts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from secure_mail.application.ports.smime import Signature, Wrapping
from secure_mail.infrastructure.smime.openssl import OpenSsl, found
from secure_mail.infrastructure.smime.verifier import OpenSslDecrypter, OpenSslVerifier
from tests.conftest import required
from tests.smime_made import (
    ENTITY,
    HEADER,
    encrypted,
    identity,
    pkcs7,
    signed,
)

VERIFIER = OpenSslVerifier()


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


@pytest.mark.parametrize(
    "openssl",
    [
        pytest.param(OpenSsl(program="/nonexistent/openssl"), id="missing"),
        pytest.param(OpenSsl(memory=1024 * 1024), id="out of memory"),
        pytest.param(OpenSsl(seconds=0.001), id="out of time"),
    ],
)
def test_a_program_that_cannot_do_its_work_says_nothing_about_the_signature(clerk, openssl):
    verifier = OpenSslVerifier(openssl=openssl)
    assert verifier.verify(signed(clerk), [clerk.pem]).state is not Signature.VALID


def test_what_a_run_writes_is_limited(folder, tmp_path):
    """More than the input and a little is never what a CMS object holds."""
    flood = tmp_path / "flood"
    flood.write_text("#!/bin/sh\ncat >/dev/null\nexec head -c 5000000 /dev/zero\n")
    flood.chmod(0o755)
    from secure_mail.infrastructure.smime.openssl import UnavailableError

    with pytest.raises(UnavailableError):
        OpenSsl(program=str(flood)).run((), b"x", {})


def test_the_program_sees_no_environment_and_no_file(folder, tmp_path):
    peek = tmp_path / "peek"
    peek.write_text('#!/bin/sh\ncat >/dev/null\nenv; pwd; ulimit -c; cat "$1"\n')
    peek.chmod(0o755)
    out = OpenSsl(program=str(peek)).run(("content",), b"x", {"content": b"in memory"}).decode()
    assert "HOME=" not in out
    assert out.endswith("\n/\n0\nin memory")


def test_a_hardened_process_verifies_too(clerk, tmp_path):
    """The worker is not dumpable: its children must be able to open what it hands them."""
    (tmp_path / "m").write_bytes(signed(clerk))
    code = (
        "import sys; from pathlib import Path\n"
        "from secure_mail.infrastructure.vault.hardening import harden\n"
        "from secure_mail.infrastructure.smime.verifier import OpenSslVerifier\n"
        "harden()\n"
        "raw, pem = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_text()\n"
        "print(OpenSslVerifier().verify(raw, [pem]).state)\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "m", clerk.file]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "valid\n"


# -- decryption ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def box(folder):
    return identity(folder, "box", mailbox=None)


@pytest.fixture(scope="module")
def decrypter(box):
    return OpenSslDecrypter(key=box.key_file.read_bytes(), certificate=box.file.read_bytes())


@pytest.mark.parametrize(
    "options",
    [
        ("-aes-128-cbc",),
        ("-aes-256-gcm",),
        ("-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep"),
        ("-des3",),
    ],
)
def test_what_is_encrypted_to_us_opens(box, decrypter, options):
    raw = _oaep(box) if "-keyopt" in options else encrypted(ENTITY, box, *options)
    assert VERIFIER.wrapping(raw) is Wrapping.ENCRYPTED
    assert decrypter.decrypt(raw) == HEADER + b"MIME-Version: 1.0\r\n" + ENTITY


def _oaep(box):
    from tests.smime_made import cms as made

    words = ("-encrypt", "-aes-256-cbc", "-recip", box.file, "-keyopt", "rsa_padding_mode:oaep")
    return pkcs7(made(ENTITY, *words), "enveloped-data")


def test_what_is_encrypted_to_others_or_broken_stays_closed(box, decrypter, stranger):
    assert decrypter.decrypt(encrypted(ENTITY, stranger)) is None
    raw = encrypted(ENTITY, box, "-aes-256-gcm")
    assert decrypter.decrypt(raw[:-60] + raw[-40:]) is None
    assert decrypter.decrypt(signed(stranger)) is None
    assert decrypter.decrypt(HEADER + b"\r\nplain") is None


def test_a_signature_inside_an_encrypted_message_is_found_when_it_is_outermost_there(
    clerk, box, decrypter
):
    inside = decrypter.decrypt(encrypted(signed(clerk, header=b""), box))
    assert state(inside, clerk) is Signature.VALID
    wrapped = b"Content-Type: message/rfc822\r\n\r\n" + signed(clerk)
    assert state(decrypter.decrypt(encrypted(wrapped, box)), clerk) is Signature.ABSENT


def test_without_the_program_nothing_opens(box):
    closed = OpenSslDecrypter(
        key=box.key_file.read_bytes(),
        certificate=box.file.read_bytes(),
        openssl=OpenSsl(program="/nonexistent/openssl"),
    )
    assert closed.decrypt(encrypted(ENTITY, box)) is None
    assert "PRIVATE" not in repr(closed)
