"""What the door says: the table from refusal codes to SMTP replies (RFC 5321, RFC 3463)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from secure_mail.domain.refusals import RefusalCode as Code


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: a code, its enhanced code on every line, and ASCII words."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    def text(self, **values: str | int) -> str:
        """As it goes over the wire, without the last CRLF; `values` fill the words."""
        last = len(self.lines) - 1
        return "\r\n".join(
            f"{self.code}{' ' if number == last else '-'}{self.enhanced} {line.format(**values)}"
            for number, line in enumerate(self.lines)
        )


def _one(code: int, enhanced: str, words: str) -> Reply:
    return Reply(code, enhanced, (words,))


TEMPORARY = _one(451, "4.3.0", "Temporary system problem, try again later")

_POINTER = Reply(
    550,
    "5.7.1",
    (
        "This mailbox accepts mail only from registered partner organisations.",
        "Write securely at https://{site}/. Nothing was stored.",
        "FI: Kirjoita osoitteessa https://{site}/fi/. Viestia ei tallennettu.",
        "SV: Skriv pa https://{site}/sv/. Meddelandet sparades inte.",
    ),
)
_NO_REPLY = Reply(
    550,
    "5.1.1",
    (
        "This address cannot receive mail. To answer, open {site} and choose Read an answer.",
        "FI: Lue vastaus -sivulla voit vastata. SV: Svara pa sidan Las ett svar.",
    ),
)

_SAID_HERE: Mapping[Code, Reply] = {
    Code.USE_E_SERVICE: _POINTER,
    Code.USE_EIDAS: _POINTER,
    Code.NOT_ABROAD: _POINTER,
    Code.USE_SECURE_LINK: _POINTER,
    Code.NOT_A_PARTNER: _POINTER,
    Code.WRONG_MAILBOX: _POINTER,
    Code.PARTNER_NOT_PROVED: _one(
        550, "5.7.26", "Required check failed: {check}; or write at https://{site}/"
    ),
    Code.DKIM_FAILED: _one(
        550, "5.7.20", "No passing DKIM signature of yours; or write at https://{site}/"
    ),
    Code.SPF_FAILED: _one(550, "5.7.23", "SPF validation failed; or write at https://{site}/"),
    Code.DNS_FAILURE: _one(451, "4.7.24", "Sender authentication met a DNS error, try again later"),
    Code.NO_SUCH_MAILBOX: _one(550, "5.1.1", "No such mailbox here"),
    Code.RELAYING_DENIED: _one(550, "5.7.1", "Relaying denied"),
    Code.NO_REPLY_ADDRESS: _NO_REPLY,
    Code.TLS_REQUIRED: _one(530, "5.7.0", "Must issue a STARTTLS command first"),
    Code.TOO_MANY_RECIPIENTS: _one(452, "4.5.3", "Too many recipients"),
    Code.TOO_LARGE: _one(
        552, "5.3.4", "Message size exceeds limit of {limit}; use https://{site}/"
    ),
    Code.BARE_LINE_ENDING: _one(550, "5.5.2", "Bare CR or LF not allowed in message"),
    Code.NUL_IN_MESSAGE: _one(550, "5.6.0", "NUL not allowed in message"),
    Code.LINE_TOO_LONG: _one(550, "5.5.2", "Line too long"),
    Code.NOT_ONE_FROM: _one(550, "5.6.0", "Exactly one From with one address required"),
    Code.ROUTING_LOOP: _one(554, "5.4.6", "Routing loop detected"),
    Code.BOUNCE_TO_SEVERAL: _one(550, "5.5.3", "Null sender with several recipients refused"),
    Code.RATE_LIMITED: _one(450, "4.7.1", "Rate limit exceeded, try again later"),
    Code.STORAGE_LOW: _one(452, "4.3.1", "Insufficient system storage, try again later"),
    Code.BACKLOG: _one(451, "4.3.2", "Not accepting messages now, try again later"),
    Code.SHUTTING_DOWN: _one(421, "4.3.2", "{host} Service shutting down"),
}

SMTP_REPLIES: Mapping[Code, Reply] = MappingProxyType(
    # What cannot happen at this door, or was added elsewhere, is temporary: never 250, never 5xx.
    {code: _SAID_HERE.get(code, TEMPORARY) for code in Code}
)

TOO_MANY_CONNECTIONS = _one(421, "4.7.0", "{host} Too many connections, try again later")
TOO_MANY_ERRORS = _one(421, "4.7.0", "{host} Too many errors")
TOO_MANY_COMMANDS = _one(421, "4.7.0", "{host} Too many commands without a message")
TOO_SLOW = _one(421, "4.4.2", "{host} Timeout exceeded")
NO_VRFY = _one(252, "2.5.2", "Cannot VRFY; send mail and see")
NO_EXPN = _one(502, "5.5.1", "EXPN not implemented")
UNKNOWN_COMMAND = _one(500, "5.5.1", "Command not recognized")
FOREIGN_COMMAND = _one(500, "5.5.1", "This is a mail server")
UNKNOWN_CLIENT = _one(451, "4.7.1", "Client address unknown, try again later")
UNKNOWN_CERTIFICATE = _one(421, "4.7.0", "{host} Client certificate not registered")

_REFERENCES_PER_LINE = 30


def accepted(references: Sequence[str]) -> Reply:
    """The one reply that says yes: every message's reference, in lines that are not too long."""
    lines = (
        " ".join(references[start : start + _REFERENCES_PER_LINE])
        for start in range(0, len(references), _REFERENCES_PER_LINE)
    )
    return Reply(250, "2.0.0", tuple(f"Accepted as {line}" for line in lines))
