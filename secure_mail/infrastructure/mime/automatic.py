"""Which mail no person wrote: it is never acknowledged, and never answered."""

from __future__ import annotations

import re
from email import message_from_string
from email.utils import getaddresses
from logging import getLogger

from flufl.bounce import all_failures

from secure_mail.application.ports.vault import OwnMail
from secure_mail.domain.bounces import Delivery
from secure_mail.infrastructure.mime.entity import Entity, walk
from secure_mail.infrastructure.mime.headers import decode_header, main_value, parameters

getLogger("flufl.bounce").disabled = True  # its tracebacks would repeat what it read

_KEYWORD = re.compile(r"[\s;(]")
_DAEMON = re.compile(r"(?i)(?:^|[<\s\"])(?:mailer-daemon|mail-daemon)(?:@|[>\s\"]|$)")
_POSTMASTER = re.compile(r"(?i)(?:^|[<\s\"])postmaster(?:@|[>\s\"]|$)")
_GUESSED_UP_TO = 256 * 1024
"""Octets of a message whose text is searched for the wordings of older mail servers."""
_DECODED_UP_TO = 8 * 1024
"""Octets of one with Base64 in it: that may be one line when it is decoded."""
_LONGEST_LINE = 998
"""Octets (RFC 5322, 2.1.1). The library's patterns take quadratic time in the length of a line: one
of 64 KiB would hold this process, and every door in it, for ten seconds.
"""
_MOST_PARTS = 50
"""Parts of a bounce, at most: the library's walk takes quadratic time in how deep they nest."""
_TYPED = re.compile(rb"(?im)^content-type:")
_SOFT_BREAK = re.compile(rb"=[ \t]*\r?\n")
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe-post")
_MARK = "x-secure-mail"
_JUDGED = ("auto-submitted", "return-path", "from", "precedence", "message-id", _MARK,
           "x-autoreply", "x-autorespond")  # fmt: skip


def auto_kind(root: Entity, raw: bytes, own: OwnMail, *, has_files: bool) -> str:
    """none, auto_replied, auto_generated, list, bounce or own.

    RFC 3464 reports first, then null senders and daemons, then wordings (flufl.bounce), then
    RFC 3834's Auto-Submitted, then lists. A letter with files is not searched for wordings.
    """
    text = {name: decode_header(root.octets(name)) for name in _JUDGED}
    submitted = _KEYWORD.split(text["auto-submitted"].lower(), maxsplit=1)[0]
    automatic = submitted not in {"", "no"}
    null_sender = text["return-path"] == "<>"
    report = _report(root)
    if own.is_ours(text["message-id"].strip("<>"), text[_MARK]):
        return "own"
    if report == "delivery-status" or _DAEMON.search(text["from"]):
        return "bounce"
    if report == "disposition-notification":
        return "auto_replied"
    if _POSTMASTER.search(text["from"]) and (null_sender or automatic):
        return "bounce"
    if not has_files and wordings(raw) is not Delivery.NONE:
        return "bounce"
    if report:
        return "auto_generated"
    return _submitted(submitted, text, is_list=any(root.octets(name) for name in _LIST_HEADERS))


def _submitted(submitted: str, text: dict[str, str], *, is_list: bool) -> str:
    precedence = text["precedence"].strip().lower()
    replied = text["x-autoreply"] or text["x-autorespond"] or precedence.startswith("auto")
    if submitted == "auto-replied" or (submitted != "no" and replied):
        return "auto_replied"
    if submitted not in {"", "no"}:
        return "auto_generated"
    return "list" if is_list or precedence in {"list", "bulk", "junk"} else "none"


def _report(root: Entity) -> str:
    """The type of a report (RFC 6522); empty when it is none."""
    value = root.octets("content-type")
    if main_value(value) != "multipart/report":
        return ""
    kind = parameters(value).get("report-type", "").lower()
    parts = [part.declared_type for part, _ in walk(root)]
    return "delivery-status" if "message/delivery-status" in parts else kind or "report"


def _searchable(raw: bytes) -> bool:
    """Whether its lines are short, also once they are decoded, and its parts are few."""
    if len(_TYPED.findall(raw)) > _MOST_PARTS:
        return False
    if len(raw) > (_DECODED_UP_TO if b"base64" in raw.lower() else _GUESSED_UP_TO):
        return False
    return max(map(len, _SOFT_BREAK.sub(b"", raw).splitlines()), default=0) <= _LONGEST_LINE


def wordings(raw: bytes) -> Delivery:
    """What flufl.bounce finds: FAILED, DELAYED or NONE.

    It is given text without surrogates, and always a From.
    """
    if not _searchable(raw):
        return Delivery.NONE
    try:
        message = message_from_string(raw.decode("latin-1"))
        if not getaddresses(message.get_all("from", [])):
            message["From"] = "unknown"
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - guesses of a third party raise what they like: no guess then
        return Delivery.NONE
    if permanent:
        return Delivery.FAILED
    return Delivery.DELAYED if temporary else Delivery.NONE
