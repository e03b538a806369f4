"""Sender authentication by DNS: DKIM first, then what may stand in for it, then DMARC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import dns.resolver
from publicsuffixlist import PublicSuffixList

from secure_mail.application.ports.sender_auth import Presented
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.dmarc import dmarc_result, read_record
from secure_mail.domain.trace_headers import HeaderField, UnclearHeadersError, header_fields
from secure_mail.infrastructure.sender_auth.arc_chain import judge_chain
from secure_mail.infrastructure.sender_auth.dkim_signatures import judge_signatures
from secure_mail.infrastructure.sender_auth.lookups import (
    SECONDS_ALL,
    DnsFailureError,
    Lookups,
)
from secure_mail.infrastructure.sender_auth.sending_hosts import judge_client


@dataclass(frozen=True, kw_only=True)
class DnsSenderAuthentication:
    """Asks the resolver that it was given, and no other."""

    resolver: dns.resolver.Resolver
    forwarders: frozenset[str] = frozenset()
    """Domains whose ARC seals are believed, lower case."""
    seconds: float = SECONDS_ALL

    def __call__(self, mail: Presented) -> tuple[CheckResult, ...]:
        lookups = Lookups(self.resolver, self.seconds)
        results = self._signed(mail, lookups)
        if mail.client is not None and mail.sender is not None:
            results += (judge_client(mail.sender, mail.client, mail.helo, lookups),)
        if all(one.result is Result.NONE for one in results):
            return results
        return (*results, self._dmarc(mail, results, lookups))

    def _signed(self, mail: Presented, lookups: Lookups) -> tuple[CheckResult, ...]:
        try:
            fields: Sequence[HeaderField] = header_fields(mail.section)
        except UnclearHeadersError:
            return (
                CheckResult(
                    method=Method.DKIM, result=Result.PERMERROR, reason=Reason.HEADERS_UNCLEAR
                ),
            )
        author = self._organisation(mail.author.domain)

        def can_prove(domain: str) -> bool:
            return domain in mail.signers or self._organisation(domain) == author

        results = judge_signatures(fields, mail, lookups, can_prove)
        if not self.forwarders or any(
            one.result is Result.PASS and one.domain in mail.signers for one in results
        ):
            return results
        return results + judge_chain(fields, mail, lookups, self.forwarders)

    def _dmarc(
        self, mail: Presented, results: Sequence[CheckResult], lookups: Lookups
    ) -> CheckResult:
        author = mail.author.domain
        try:
            record = read_record(lookups.txt(f"_dmarc.{author}"))
            if record is None and self._organisation(author) != author:
                record = read_record(lookups.txt(f"_dmarc.{self._organisation(author)}"))
        except DnsFailureError:
            return CheckResult(
                method=Method.DMARC, result=Result.TEMPERROR, domain=author, reason=Reason.DNS
            )
        return dmarc_result(record, author, results, self._organisation)

    def _organisation(self, domain: str) -> str:
        """The organisational domain: one label below the public suffix (RFC 7489, 3.2)."""
        return self._suffixes.privatesuffix(domain) or domain

    @cached_property
    def _suffixes(self) -> PublicSuffixList:
        """The list of the package: it is read once, when the first signed mail comes."""
        return PublicSuffixList()
