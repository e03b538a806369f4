"""Names of blobs: random, so that they tell nothing, in 256 folders."""

from __future__ import annotations

import re
import secrets

from secure_mail.application.ports.blobs import BlobMissingError
from secure_mail.domain.ids import BlobKey

OWNER = "owner"
"""Holds the name of the database that the blobs belong to."""
FOLDERS = tuple(f"{number:02x}" for number in range(256))
_SHAPE = re.compile(
    r"(?P<first>[0-9a-f]{2})/(?:(?P<second>[0-9a-f]{2})/(?P=first)(?P=second)[0-9a-f]{28}"
    r"|(?P=first)[0-9a-f]{30})"
)
"""Earlier releases kept blobs two folders deep."""


def new_key() -> BlobKey:
    """`ab/abcd…`, 128 random bits."""
    name = secrets.token_hex(16)
    return BlobKey(f"{name[:2]}/{name}")


def is_key(text: str) -> bool:
    """Whether a blob could have this name; nothing else is ever opened or removed."""
    return _SHAPE.fullmatch(text) is not None


def checked(key: BlobKey) -> BlobKey:
    """The key itself. Raises BlobMissingError when no blob could have it."""
    if not is_key(key):
        raise BlobMissingError("not the name of a blob")
    return key
