"""The key that partners encrypt to: read by the worker alone, refused when it cannot serve."""

from __future__ import annotations

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.bootstrap import smime
from secure_mail.domain.partners import Check
from secure_mail.infrastructure.vault.certificates import key_is_of
from secure_mail.settings import Settings
from tests.fakes.store import samples
from tests.smime_made import identity


@pytest.fixture
def box(tmp_path):
    return identity(tmp_path, "box", mailbox=None)


def settings(key=None, certificate=None):
    return Settings.model_construct(smime_key=key, smime_cert=certificate)


def test_without_a_key_nothing_is_decrypted():
    assert smime.decrypter(settings()) is None


def test_a_key_with_its_certificate_decrypts(box):
    box.key_file.chmod(0o600)
    made = smime.decrypter(settings(box.key_file, box.file))
    assert made is not None
    assert made.certificate == box.file.read_bytes()
    assert "PRIVATE" not in repr(made)


def test_one_without_the_other_is_refused(box):
    with pytest.raises(SafetyError, match="SECURE_MAIL_SMIME_CERT"):
        smime.decrypter(settings(key=box.key_file))
    with pytest.raises(SafetyError, match="SECURE_MAIL_SMIME_KEY"):
        smime.decrypter(settings(certificate=box.file))


def test_a_key_that_others_may_read_is_refused(box):
    box.key_file.chmod(0o640)
    with pytest.raises(SafetyError, match="too open"):
        smime.decrypter(settings(box.key_file, box.file))


def test_files_that_are_not_there_are_refused(box, tmp_path):
    box.key_file.chmod(0o600)
    nowhere = tmp_path / "nowhere"
    with pytest.raises(SafetyError, match="Correct SECURE_MAIL_SMIME_KEY"):
        smime.decrypter(settings(nowhere, box.file))
    with pytest.raises(SafetyError, match="Correct SECURE_MAIL_SMIME_CERT"):
        smime.decrypter(settings(box.key_file, nowhere))


def test_a_key_of_another_certificate_is_refused(box, tmp_path):
    other = identity(tmp_path, "other")
    other.key_file.chmod(0o600)
    assert key_is_of(box.key_file.read_bytes(), box.file.read_bytes())
    assert not key_is_of(b"", box.file.read_bytes())
    assert not key_is_of(box.key_file.read_bytes(), b"")
    with pytest.raises(SafetyError, match="not of its certificate"):
        smime.decrypter(settings(other.key_file, box.file))


def test_without_openssl_a_key_is_refused_and_partners_are_named(box, monkeypatch):
    monkeypatch.setattr(smime, "openssl_available", lambda: False)
    box.key_file.chmod(0o600)
    with pytest.raises(SafetyError, match="Install openssl"):
        smime.decrypter(settings(box.key_file, box.file))
    signing, other = samples.partner(require=(Check.SMIME,)), samples.partner()
    assert smime.unverifiable([signing, other]) == [signing]
    monkeypatch.setattr(smime, "openssl_available", lambda: True)
    assert smime.unverifiable([signing, other]) == []
