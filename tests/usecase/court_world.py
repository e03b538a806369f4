"""A court that signs, its certificates, and its mail as the worker leaves it."""

from __future__ import annotations

import json
from datetime import timedelta

from secure_mail.domain.messages import PartKind
from secure_mail.domain.partners import Certificate
from secure_mail.domain.routing.trace import STATION
from tests.fakes import smime as faked
from tests.fakes.chance import START
from tests.smime_made import HEADER, identity

DAY = timedelta(days=1)
BODY = b"Content-Type: text/plain\r\n\r\nSecret words of a court\r\n"
TOP = HEADER.replace(b"kela.example", b"kela.fi")


def made_people(tmp_path_factory):
    """Certificates of the time in which the tests play."""
    folder = tmp_path_factory.mktemp("people")

    def made(name, **more):
        span = {"begins": START - DAY * 30, "ends": START + DAY * 300, **more}
        return identity(folder, name, **span)

    return {
        "clerk": made("clerk"),
        "other": made("other", mailbox="Clerk@court.example"),
        "upper": made("upper", mailbox="clerk@COURT.example"),
        "nameless": made("nameless", mailbox=None),
        "ended": made("ended", ends=START - DAY),
        "future": made("future", begins=START + DAY),
    }


def pinned(*who):
    return tuple(
        Certificate(
            fingerprint=one.fingerprint,
            pem=one.pem,
            not_after=one.certificate.not_valid_after_utc,
        )
        for one in who
    )


def arrived(world, whose, raw, **evidence):
    """The message as the worker left it."""
    seen = {"checks": ("tls",), "partner": str(whose.id), **evidence}
    [message] = world.mail(raw, **seen)
    world.work()
    return world.now(message)


def signed(*pems, content=BODY, header=TOP, at=START, **more):
    return faked.signed(content, *pems, header=header, at=at, **more)


def smime_line(message):
    lines = json.loads(message.trace)
    [line] = [one for one in lines if (one["rule"], one["op"]) == (STATION, "found")]
    return line["seen"], line["operand"]


def text_of(world, message):
    parts = world.parts_of(message, PartKind.VIEW)
    return world.opening.message(message, parts).view.text
