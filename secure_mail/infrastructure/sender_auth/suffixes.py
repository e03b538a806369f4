"""Whether a domain is one under which strangers register theirs."""

from __future__ import annotations

from publicsuffixlist import PublicSuffixList


def is_public_suffix(domain: str) -> bool:
    """By the list of the package, which is read for the asking: for commands, not for doors."""
    return PublicSuffixList().is_public(domain)
