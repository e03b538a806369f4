"""Sample messages that enter through the doors: SMTP with STARTTLS, and the forms of the site."""

from __future__ import annotations

import email
import re
import smtplib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from secure_mail.run.demo_browser import Browser

_LINK = re.compile(r"https?://\S+/l/\S+")
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
WAIT = 20.0


@dataclass(frozen=True, slots=True)
class PartnerMail:
    sender: str
    mailbox: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a customer abroad types, step by step."""

    address: str
    language: str
    country: str
    topic: str
    purpose: str
    about: Mapping[str, str]
    subject: str
    text: str
    file: str = ""


PARTNER_MAILS = (
    PartnerMail(
        "registry@court.example",
        "velkajarjestelyt",
        "Velkajärjestely: maksuohjelman vahvistaminen",
        "Hei,\n\nohessa esimerkkituomioistuimen ilmoitus maksuohjelmasta.\n",
    ),
    PartnerMail(
        "recovery@institution.example",
        "perintakeskus",
        "Recovery under Regulation 883/2004",
        "Dear colleagues,\n\nthis is a sample request for recovery between institutions.\n",
    ),
)
LETTERS = (
    Letter(
        "sample.sender@example.com",
        "en",
        "PL",
        "benefit_recovery",
        "payment_plan",
        {"name": "Sample Sender", "identity": "1 May 1980", "letter_reference": "12345"},
        "Payment plan",
        "Good morning,\n\nI received your letter. Can I pay 60 euros every month from January?\n"
        "My payslip is attached.\n",
        "payslip.pdf",
    ),
    Letter(
        "exempel@example.org",
        "sv",
        "SE",
        "student_loan",
        "exemption",
        {"name": "Exempel Exempelsson", "identity": "2.3.1990", "letter_reference": ""},
        "Ansökan om befrielse",
        "Hej,\n\njag ansöker om befrielse från betalning. Det här är ett exempel.\n",
    ),
)


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the demo's doors are, and how its SMTP certificate is trusted."""

    http: str
    smtp: tuple[str, int]
    certificate: Path
    outbox: Path
    domain: str


def feed_samples(doors: Doors) -> None:
    """Sends every sample; blocking. Raises OSError or SMTPException when a door refuses one."""
    for mail in PARTNER_MAILS:
        _send(doors, mail)
    for letter in LETTERS:
        _write(doors, letter)


def _send(doors: Doors, mail: PartnerMail) -> None:
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = f"{mail.mailbox}@{doors.domain}"
    message["Subject"] = mail.subject
    message["Message-ID"] = f"<sample-{mail.mailbox}@{mail.sender.partition('@')[2]}>"
    message.set_content(mail.text)
    trust = ssl.create_default_context(cafile=str(doors.certificate))
    with smtplib.SMTP(*doors.smtp, timeout=WAIT) as client:
        client.starttls(context=trust)
        client.send_message(message)


def _write(doors: Doors, letter: Letter) -> None:
    browser = Browser(doors.http)
    browser.go(f"/{letter.language}/eligibility")
    browser.submit(audience="abroad")
    browser.submit(country=letter.country)
    browser.submit(address=letter.address)
    browser.go(_link_from(doors.outbox, letter.address))
    browser.submit()
    browser.go(f"/{letter.language}/")
    browser.submit()
