"""The type checker proves that plaintext is not stored and that no door is given an opener."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]

PLAINTEXT_PART = """
from secure_mail.domain.messages import Part, PartKind
from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import SealedDigest
def store(part: PartId, content: ContentId, text: bytes) -> Part:
    return Part(id=part, content_id=content, kind=PartKind.RAW, ordinal=0, size=len(text),
                digest=SealedDigest(b""), inline=text, blob=None, label=None)
"""
PLAINTEXT_BLOB = """
from secure_mail.application.ports.blobs import BlobWriter
def store(writer: BlobWriter, text: bytes) -> None:
    writer.write(text)
"""
PLAINTEXT_ADDRESS = """
from dataclasses import replace
from secure_mail.domain.links import Registration
def keep(registration: Registration, address: str) -> Registration:
    return Registration(id=registration.id, requested_at=registration.requested_at, language="en",
                        check_words="", network=b"", sealed=address.encode())
"""
OPENER_IN_A_DOOR = """
from secure_mail.application.intake.start_draft import StartDraft
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import BrowserVault, Opener
def build(
    units: Units, clock: Clock, ids: Ids, opener: Opener, browser: BrowserVault
) -> StartDraft:
    return StartDraft(units=units, clock=clock, ids=ids, sealer=opener, browser=browser)
"""
SEALED_PART = PLAINTEXT_PART.replace("text: bytes", "text: SealedBytes").replace(
    "import SealedDigest", "import SealedBytes, SealedDigest"
)


def checked(tmp_path: Path, source: str) -> str:
    file = tmp_path / "snippet.py"
    file.write_text(source, encoding="utf-8")
    report, _, _ = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), "--strict", "--no-error-summary", str(file)]
    )
    return report


@pytest.mark.parametrize(
    "source", [PLAINTEXT_PART, PLAINTEXT_BLOB, PLAINTEXT_ADDRESS, OPENER_IN_A_DOOR]
)
def test_what_must_not_happen_does_not_type_check(tmp_path: Path, source: str) -> None:
    assert "[arg-type]" in checked(tmp_path, source)


def test_what_was_sealed_type_checks(tmp_path: Path) -> None:
    assert checked(tmp_path, SEALED_PART) == ""
