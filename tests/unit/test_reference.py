"""docs/reference is what the program says of itself."""

from __future__ import annotations

import pytest

from scripts.reference import FOLDER, pages
from secure_mail.settings import Settings

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_up_to_date(name):
    assert (FOLDER / name).read_text() == PAGES[name], "run `make docs`"


def test_every_setting_is_explained():
    rows = [line for line in PAGES["settings.md"].splitlines() if line.startswith("| `")]
    assert len(rows) == len(Settings.model_fields) - len({"demo"})
    assert not [row for row in rows if row.endswith("|  |")]


def test_every_option_is_explained():
    page = PAGES["commands.md"]
    for words in ("## partners add", "- `--network`: ", "- `--limit`: How many", "Default: 1000."):
        assert words in page
