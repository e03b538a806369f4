"""Names of blobs: random, so that they tell nothing, in two levels of folders."""

from __future__ import annotations

import re
import secrets

from secure_mail.application.ports.blobs import BlobMissingError
from secure_mail.domain.ids import BlobKey

OWNER = "owner"
"""Holds the name of the database that the blobs belong to."""
_SHAPE = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}")


def new_key() -> BlobKey:
    """`ab/cd/abcd…`, 128 random bits."""
    name = secrets.token_hex(16)
    return BlobKey(f"{name[:2]}/{name[2:4]}/{name}")


def is_key(text: str) -> bool:
    """Whether a blob could have this name; nothing else is ever opened or removed."""
    return _SHAPE.fullmatch(text) is not None


def checked(key: BlobKey) -> BlobKey:
    """The key itself. Raises BlobMissingError when no blob could have it."""
    if not is_key(key):
        raise BlobMissingError("not the name of a blob")
    return key
