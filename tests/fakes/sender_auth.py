"""Sender authentication without DNS: what a test says of a domain is what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from secure_mail.application.ports.sender_auth import Presented
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.trace_headers import UnclearHeadersError, header_fields, named


@dataclass
class FakeSenderAuthentication:
    """A signature is of the domain in its `d=`; `known` says what becomes of it, else it fails."""

    known: Mapping[str, CheckResult] = field(default_factory=dict)
    clients: Mapping[str, Result] = field(default_factory=dict)
    """SPF by client address; a client that is not named fails."""
    asked: list[Presented] = field(default_factory=list)

    def __call__(self, mail: Presented) -> tuple[CheckResult, ...]:
        self.asked.append(mail)
        results = self._signatures(mail)
        if mail.client is not None and mail.sender is not None:
            result = self.clients.get(mail.client, Result.FAIL)
            results += (CheckResult(method=Method.SPF, result=result, domain=mail.sender.domain),)
        return results

    def _signatures(self, mail: Presented) -> tuple[CheckResult, ...]:
        try:
            signatures = named(header_fields(mail.section), "dkim-signature")
        except UnclearHeadersError:
            return (_dkim(Result.PERMERROR, Reason.HEADERS_UNCLEAR),)
        if not signatures:
            return (_dkim(Result.NONE, Reason.UNSIGNED),)
        domains = [one.value.partition("d=")[2].partition(";")[0] for one in signatures]
        failed = _dkim(Result.FAIL, Reason.SIGNATURE_WRONG)
        return tuple(self.known.get(domain, failed) for domain in domains)


def _dkim(result: Result, reason: Reason) -> CheckResult:
    return CheckResult(method=Method.DKIM, result=result, reason=reason)
