"""Sample messages that enter through the doors: SMTP with STARTTLS, and the forms of the site."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from secure_mail.run.demo_browser import Browser
from secure_mail.run.demo_record import DemoRecord
from secure_mail.run.process import Process

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


def feed_once(process: Process, record: DemoRecord) -> DemoRecord:
    """Sends every sample, unless this folder has had them; returns when all are filed. Blocking.

    Raises OSError or SMTPException when a door refuses one, TimeoutError.
    """
    if record.fed:
        return record
    for mail in PARTNER_MAILS:
        _send(process, mail)
    for letter in LETTERS:
        _write(process, letter)
    _wait_until_filed(process)
    fed = record.after_feeding()
    fed.keep(process.parts.settings.data_dir)
    return fed


def _send(process: Process, mail: PartnerMail) -> None:
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = f"{mail.mailbox}@{process.parts.book.domain}"
    message["Subject"] = mail.subject
    message["Message-ID"] = f"<sample-{mail.mailbox}@{mail.sender.partition('@')[2]}>"
    message.set_content(mail.text)
    trust = ssl.create_default_context(cafile=str(process.parts.settings.smtp_tls_cert))
    host, port = process.smtp.address if process.smtp else ("", 0)
    with smtplib.SMTP(host, port, timeout=WAIT) as client:
        client.starttls(context=trust)
        client.send_message(message)


def _write(process: Process, letter: Letter) -> None:
    browser = Browser(process.parts.settings.base_url)
    browser.go(f"/{letter.language}/eligibility")
    browser.submit(audience="abroad")
    browser.submit(country=letter.country)
    browser.submit(address=letter.address)
    browser.go(_link_to(process, letter.address))
    browser.submit()
    browser.submit(topic=letter.topic)
    browser.submit(purpose=letter.purpose)
    browser.submit(who="self")
    browser.submit(**letter.about)
    browser.submit(subject=letter.subject, text=letter.text)
    if letter.file:
        browser.upload("files", letter.file, "application/pdf", _PDF)
    browser.submit(go="next")
    browser.submit(notify="yes")


def _link_to(process: Process, address: str) -> str:
    """The link in the newest mail to that address, once the worker has sent it."""
    outbox = Path(process.parts.settings.relay_url.get_secret_value().removeprefix("maildir:"))
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        for file in outbox.glob("new/*"):
            text = file.read_text(encoding="utf-8")
            found = _LINK.search(text)
            if found and f"To: {address}" in text:
                return found[0]
        time.sleep(0.05)
    raise TimeoutError("no link was mailed")


def _wait_until_filed(process: Process) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with process.parts.units.reading() as uow:
            if uow.ledger.count().in_progress == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the samples were not filed")
