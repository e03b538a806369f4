"""What a bounce says of the mail it is about: failed for good, late, or delivered (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secure_mail.domain.bounces import Delivery
from secure_mail.infrastructure.mime.automatic import wordings
from secure_mail.infrastructure.mime.entity import Entity, walk
from secure_mail.infrastructure.mime.headers import main_value
from secure_mail.infrastructure.mime.transfer import decode_transfer

STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
"""RFC 3464; RFC 6533 for international addresses."""
_ACTION = re.compile(r"(?im)^action[ \t]*:[ \t]*([a-z]+)")
_STATUS = re.compile(r"(?im)^status[ \t]*:[ \t]*([245])\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])")
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FOLD = re.compile(r"\n[ \t]+(?=\S)")
_ARRIVED = ("deliver", "relay", "expand")


def delivery_of(root: Entity, raw: bytes) -> Delivery:
    """Reads the report's own fields first, the wordings of older servers (flufl.bounce) else.

    A mail of ours has one recipient. Where that was a list, one delivery is enough.
    """
    said = set(_reported(root))
    if Delivery.DELIVERED in said:
        return Delivery.DELIVERED
    for final in (Delivery.FAILED, Delivery.DELAYED):
        if final in said:
            return final
    guessed = wordings(raw)
    return Delivery.UNCLEAR if guessed is Delivery.NONE else guessed


def _reported(root: Entity) -> Iterator[Delivery]:
    for part, _ in walk(root):
        if part.declared_type not in STATUS_TYPES or part.body is None:
            continue
        encoding = main_value(part.octets("content-transfer-encoding"))
        text = decode_transfer(part.body, encoding)[0].decode("latin-1")
        for group in _BLANK_LINES.split(text.replace("\r\n", "\n")):
            yield _of_recipient(group)


def _of_recipient(group: str) -> Delivery:
    """`failed` is the end of it whatever the status: 4.4.7 then means that time ran out."""
    fields = _FOLD.sub(" ", group)
    action, status = _ACTION.search(fields), _STATUS.search(fields)
    word = action[1].lower() if action else ""
    if word.startswith(_ARRIVED):
        return Delivery.DELIVERED
    if word.startswith("fail"):
        return Delivery.FAILED
    if word.startswith("delay"):
        return Delivery.DELAYED
    codes = {"5": Delivery.FAILED, "4": Delivery.DELAYED, "2": Delivery.DELIVERED}
    return codes[status[1]] if status else Delivery.NONE
