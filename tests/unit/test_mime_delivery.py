"""What bounces of several makers say: failed for good, late, delivered, or nothing we can read."""

import pytest

from secure_mail.domain.bounces import Delivery
from tests.unit.mime_messages import letter, mixed, parser, part

FAILED, DELAYED, DELIVERED = Delivery.FAILED, Delivery.DELAYED, Delivery.DELIVERED
ONE = b"Final-Recipient: rfc822; maija@example.com\r\n"


def report(
    *groups: bytes,
    kind: bytes = b"message/delivery-status",
    encoding: str = "7bit",
    head: bytes = b"Reporting-MTA: dns; mx.example",
    words: bytes = b"See the report.",
) -> bytes:
    """A report as RFC 3464 wants it, with the headers of the mail that it is about."""
    status = part(b"\r\n\r\n".join((head, *groups)), kind, encoding=encoding)
    returned = part(b"Subject: x\r\nMessage-ID: <link-1@body.example>", b"text/rfc822-headers")
    return mixed(
        part(words), status, returned, kind=b"multipart/report; report-type=delivery-status"
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (report(ONE + b"Action: failed\r\nStatus: 5.1.1"), FAILED),
        (report(ONE + b"Action: FAILED (no such user)\r\nStatus: 5.1.1 (x)"), FAILED),
        # Time ran out: no more is tried, whatever the status says of why.
        (report(ONE + b"Action: failed\r\nStatus: 4.4.7"), FAILED),
        (report(ONE + b"Action: failed"), FAILED),
        (report(ONE + b"Status: 5.2.2"), FAILED),
        (report(ONE + b"Action: delayed\r\nStatus: 4.4.1"), DELAYED),
        (report(ONE + b"Action: delayed\r\nStatus: 5.4.1"), DELAYED),
        (report(ONE + b"Status: 4.2.2"), DELAYED),
        (report(ONE + b"Action: delivered\r\nStatus: 2.0.0"), DELIVERED),
        (report(ONE + b"Action: relayed\r\nStatus: 2.1.9"), DELIVERED),
        (report(ONE + b"Action: expanded\r\nStatus: 2.1.5"), DELIVERED),
        # An address that stands for several: one of them has it.
        (report(ONE + b"Action: failed\r\nStatus: 5.1.1", ONE + b"Action: delivered"), DELIVERED),
        (report(ONE + b"Action: delayed", ONE + b"Action: failed\r\nStatus: 5.1.1"), FAILED),
        # Fields of the message as a whole are no recipient's.
        (report(ONE + b"Action: failed", head=b"Arrival-Date: x\r\nX-Status: 2.0.0"), FAILED),
        (report(b"ACTION : failed\r\nSTATUS:5.1.1"), FAILED),
        (report(ONE + b"Action:\r\n failed\r\nStatus: 5.1.1"), FAILED),
        (report((ONE + b"Action: failed").replace(b"\r\n", b"\n")), FAILED),
        (report(ONE + b"Action: failed", kind=b"message/global-delivery-status"), FAILED),
        (report(ONE + b"Action: fail=65d\r\nStatus: 5.1.1", encoding="quoted-printable"), FAILED),
        (report(ONE + b"Action: odd\r\nStatus: none"), Delivery.UNCLEAR),
        (report(ONE + b"Status: 5.1.1000"), Delivery.UNCLEAR),
        (report(), Delivery.UNCLEAR),
    ],
)
def test_a_report_is_read_by_its_own_fields(raw, said):
    mail = parser().parse(raw)
    assert (mail.auto_kind, mail.delivery) == ("bounce", said)


POSTFIX = report(
    ONE + b"Original-Recipient: rfc822;maija@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Remote-MTA: dns; mx.example.com\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n    no such user",
    head=b"Reporting-MTA: dns; relay.example\r\nX-Postfix-Queue-ID: 4B1\r\nArrival-Date: Tue",
)
EXIM = report(
    b"Action: failed\r\nFinal-Recipient: rfc822;maija@example.com\r\nStatus: 5.0.0\r\n"
    b"Remote-MTA: dns; mx.example.com\r\nDiagnostic-Code: smtp; 550 unknown user"
)
EXCHANGE = report(
    b"Final-recipient: RFC822;maija@example.com\r\nAction: failed\r\nStatus: 5.1.10\r\n"
    b"Diagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound",
    head=b"Reporting-MTA: dns;AM0PR01.prod.example",
)
SENDMAIL_WARNING = report(
    b"Final-Recipient: RFC822; maija@example.com\r\nAction: delayed\r\nStatus: 4.4.2\r\n"
    b"Will-Retry-Until: Thu, 3 Dec 2026 10:00:00 +0200",
    words=b"**  THIS IS A WARNING MESSAGE ONLY  **",
)
GATEWAY = report(ONE + b"Action: failed\r\nStatus: 5.7.1\r\nX-Display-Name: Maija Koe")
QMAIL = (
    b"From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\n"
    b"Hi. This is the qmail-send program at mx.example.\r\n"
    b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    b"<maija@example.com>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
    b"--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <x@body.example>\r\n"
)
OLD_SENDMAIL = (
    b"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\r\nSubject: Returned mail\r\n\r\n"
    b"   ----- The following addresses had permanent fatal errors -----\r\n"
    b"<maija@example.com>\r\n\r\n   ----- Transcript of session follows -----\r\n550 unknown\r\n"
)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (POSTFIX, FAILED),
        (EXIM, FAILED),
        (EXCHANGE, FAILED),
        (GATEWAY, FAILED),
        (SENDMAIL_WARNING, DELAYED),
        (QMAIL, FAILED),
        (OLD_SENDMAIL, FAILED),
        (b"From: MAILER-DAEMON@mx.example\r\n\r\nIt did not work.\r\n", Delivery.UNCLEAR),
    ],
)
def test_reports_as_servers_write_them(raw, said):
    mail = parser().parse(raw)
    assert (mail.auto_kind, mail.delivery) == ("bounce", said)


def test_a_letter_reports_nothing_whatever_stands_in_it():
    raw = letter(b"Action: failed\r\nStatus: 5.1.1\r\nFinal-Recipient: rfc822; a@b.example")
    assert parser().parse(raw).delivery is Delivery.NONE
    assert parser().parse(letter(b"Out of office", b"Auto-Submitted: auto-replied")).delivery is (
        Delivery.NONE
    )
