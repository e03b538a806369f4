"""Postfix's policy delegation: lines `name=value` until an empty one in, one `action=…` out."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_REQUEST = 32 * 1024
"""Octets of one question. Postfix itself sends some twenty attributes of at most 2 KiB."""
MAX_ACTION = 480
"""Octets of an answer's words: with the code they fit one reply line (RFC 5321, 4.5.3.1.5)."""
END = b"\n\n"
LET_ON = "DUNNO"
"""No objection: the relay's further restrictions decide. `OK` would skip them."""


class PolicyError(ValueError):
    """The question is not one of the protocol; nothing of it is repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What Postfix knows of one RCPT."""

    sender: str = field(repr=False)
    """Empty for the null sender."""
    recipient: str = field(repr=False)
    """Empty in the states that have none, or several."""
    encrypted: bool
    """Whether the sender's hop to the relay is under TLS."""


def question(block: bytes) -> Question:
    """Reads a whole request, with its empty line. Raises PolicyError."""
    # Names of clients and certificates may be in any charset; addresses are parsed by the door.
    text = block.removesuffix(END).decode(errors="surrogateescape")
    found: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if not name or not equals or name in found or "\0" in value or "\r" in value:
            raise PolicyError
        found[name] = value
    if found.get("request") != "smtpd_access_policy" or not {"sender", "recipient"} <= set(found):
        raise PolicyError
    return Question(
        sender=found["sender"],
        recipient=found["recipient"],
        encrypted=bool(found.get("encryption_protocol")),
    )


def answer(action: str) -> bytes:
    """As it goes over the wire."""
    return f"action={action}\n\n".encode()


def one_line(reply: str) -> str:
    """The reply of an SMTP door as Postfix can carry it: one line, code and enhanced code once.

    Words that do not fit are left out at a space, so that no address in them is cut in two.
    """
    lines = reply.split("\r\n")
    code, enhanced = lines[0][:3], lines[0][4:].partition(" ")[0]
    words = " ".join(line[4:].removeprefix(enhanced).strip() for line in lines)
    if len(words) > MAX_ACTION:
        words = words[: MAX_ACTION + 1].rpartition(" ")[0]
    return f"{code} {enhanced} {words}"
