"""The one line on stderr: of every error a line, of a defect no word of what was worked on."""

from __future__ import annotations

import pytest

from secure_mail.application.partners.add_partner import PartnerFaultError
from secure_mail.application.ports.blobs import BlobsUnavailableError, StorageFullError
from secure_mail.application.ports.safety import SafetyError
from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.rules.findings import Finding, InvalidRulesError
from secure_mail.run.faults import line_of
from secure_mail.settings import SettingsError

FAULTS = [Finding(3, "queue x: unknown, correct it"), Finding(9, "y")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SettingsError("SECURE_MAIL_X: wrong"), "SECURE_MAIL_X: wrong"),
        (SafetyError("key file too open", "a.key", "chmod 600"), "too open: a.key. chmod 600."),
        (PartnerFaultError("name a domain"), "name a domain"),
        (InvalidRulesError("r.yaml", FAULTS), "r.yaml:3: queue x: unknown, correct it (and 1 more"),
        (StoreDownError("SQLITE_BUSY"), "(SQLITE_BUSY): SECURE_MAIL_DATABASE_URL"),
        (StoreFullError(), "the disk is full"),
        (StorageFullError(), "the disk is full"),
        (BlobsUnavailableError(), "SECURE_MAIL_BLOB_URL"),
        (ConflictError(), "already"),
        (Refusal(RefusalCode.NOT_FOUND), "there is none"),
        (Refusal(RefusalCode.STORAGE_LOW), "the disk is full"),
        (Refusal(RefusalCode.TEMPORARY), "refused: temporary"),
        (FileNotFoundError(2, "No such file", "a.yaml"), "no such file or directory: a.yaml"),
        (OSError(98, "in use"), "address already in use"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_line(error, said):
    line = line_of(error)
    assert said in line
    assert "\n" not in line


def test_a_defect_is_told_by_its_place_not_by_its_words():
    try:
        int("the words of the letter")
    except ValueError as error:
        line = line_of(error)
    assert "ValueError at test_faults.py:" in line
    assert "words" not in line
