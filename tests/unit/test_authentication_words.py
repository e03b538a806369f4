"""Every reason that evidence may give is explained to those who read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secure_mail.domain.authentication import REPLAYS, Reason

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "sender-authentication.md"


@pytest.mark.parametrize("reason", Reason)
def test_it_is_explained(reason):
    rows = [line for line in PAGE.read_text().splitlines() if f"`{reason}`" in line]
    assert rows
    assert (reason in REPLAYS) is any("replay:" in row for row in rows)
