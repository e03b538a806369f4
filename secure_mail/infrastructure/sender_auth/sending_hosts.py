"""SPF: whether the domain of MAIL FROM lets this client send for it (RFC 7208), by pyspf."""

from __future__ import annotations

import dns.rdata
import spf
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError, Lookups

MAX_RECORD = 2048
"""Octets of one SPF record; the RFC asks for 450 (3.4)."""

_REASONS = {
    Result.NONE: Reason.NO_RECORD,
    Result.FAIL: Reason.NOT_PERMITTED,
    Result.SOFTFAIL: Reason.NOT_PERMITTED,
    Result.NEUTRAL: Reason.NOT_PERMITTED,
    Result.TEMPERROR: Reason.DNS,
    Result.PERMERROR: Reason.RECORD_UNREADABLE,
}


def judge_client(
    sender: EmailAddress, client: str, helo: str | None, lookups: Lookups
) -> CheckResult:
    """SPF of MAIL FROM. A record that is wrong, or asks too much of us, is a PERMERROR."""
    try:
        found, _, _ = ClientCheck(client, str(sender), helo or "unknown", lookups).check()
        result = Result(found)
    except (spf.PermError, AssertionError, ValueError, LookupError):
        result = Result.PERMERROR
    return CheckResult(
        method=Method.SPF,
        result=result,
        domain=sender.domain,
        reason=_REASONS.get(result, ""),
    )


class ClientCheck(spf.query):
    """pyspf with questions that go through our lookups, not through its global function."""

    def __init__(self, client: str, sender: str, helo: str, lookups: Lookups) -> None:
        super().__init__(i=client, s=sender, h=helo)
        self._lookups = lookups

    def dns(
        self,
        name: str,
        qtype: str,
        cnames: dict[str, str] | None = None,  # noqa: ARG002 - aliases are followed already
        ignore_void: bool = False,  # noqa: FBT001, FBT002 - the library's own signature
    ) -> list[object]:
        """Answers in the library's shapes. Raises its TempError and PermError."""
        try:
            records = self._lookups.records(str(name), qtype)
        except DnsFailureError as error:
            raise spf.TempError("DNS") from error
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void lookups")
        return [shape for record in records for shape in (_shaped(record),) if shape is not None]

    def get_explanation(self, spec: str) -> str | None:  # noqa: ARG002
        """Nobody is told the explanation: it is not fetched."""
        return None


def _shaped(record: dns.rdata.Rdata) -> object:
    match record:
        case A() | AAAA():
            return record.address
        case MX():
            return record.preference, str(record.exchange).rstrip(".")
        case PTR():
            return str(record.target).rstrip(".")
        case TXT():
            text = b"".join(record.strings)
            if text[:7].lower() == b"v=spf1 " and len(text) > MAX_RECORD:
                raise spf.PermError("record too long")
            return record.strings
        case _:
            return None
