"""DMARC: the record of a domain, and whether what was authenticated is the author's (RFC 7489)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from secure_mail.domain.authentication import CheckResult, Method, Reason, Result

MAX_RECORD = 4 * 1024


class Policy(StrEnum):
    """What the owner of a domain asks for mail that fails. Shown to staff; ours is stricter."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcRecord:
    policy: Policy
    subdomain_policy: Policy
    strict_dkim: bool = False
    strict_spf: bool = False


def read_record(texts: Sequence[bytes]) -> DmarcRecord | None:
    """The one record among the TXT records of a `_dmarc` name; None for none or several (6.6.3).

    What is odd in it is read as if it were not there, as the RFC wants it.
    """
    records = [tags for text in texts for tags in (_tags(text),) if tags is not None]
    if len(records) != 1:
        return None
    tags = records[0]
    policy = _policy(tags.get("p"), Policy.NONE)
    return DmarcRecord(
        policy=policy,
        subdomain_policy=_policy(tags.get("sp"), policy),
        strict_dkim=tags.get("adkim") == "s",
        strict_spf=tags.get("aspf") == "s",
    )


def aligned(domain: str, author: str, *, strict: bool, organisation: Callable[[str], str]) -> bool:
    """Whether an authenticated domain is the author's, or of the same organisation (3.1)."""
    return domain == author or (not strict and organisation(domain) == organisation(author))


def dmarc_result(
    record: DmarcRecord | None,
    author: str,
    results: Sequence[CheckResult],
    organisation: Callable[[str], str],
) -> CheckResult:
    """DMARC of a message whose author is of the domain `author`, from what was found here."""
    if record is None:
        return CheckResult(
            method=Method.DMARC, result=Result.NONE, domain=author, reason=Reason.NO_RECORD
        )
    strict = {Method.DKIM: record.strict_dkim, Method.SPF: record.strict_spf}
    passes = any(
        one.result is Result.PASS
        and not one.source
        and aligned(one.domain, author, strict=strict[one.method], organisation=organisation)
        for one in results
        if one.method in strict
    )
    return CheckResult(
        method=Method.DMARC,
        result=Result.PASS if passes else Result.FAIL,
        domain=author,
        reason="" if passes else Reason.NOT_ALIGNED,
    )


def _tags(text: bytes) -> dict[str, str] | None:
    """Tags in lower case, the first of each; None where it is no DMARC record."""
    if len(text) > MAX_RECORD:
        return None
    version, _, rest = text.decode("utf-8", "replace").partition(";")
    name, _, value = version.partition("=")
    if (name.strip(), value.strip()) != ("v", "DMARC1"):
        return None
    tags: dict[str, str] = {}
    for piece in rest.split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip().lower())
    return tags


def _policy(text: str | None, otherwise: Policy) -> Policy:
    try:
        return Policy(text or "")
    except ValueError:
        return otherwise
