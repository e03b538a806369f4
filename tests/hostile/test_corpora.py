"""Real mail of other projects' test collections, read where the folder with them exists."""

import ast
import re
from collections import Counter
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

import pytest

from secure_mail.application.ports.mime import ParsedMail, UnreadableError
from secure_mail.domain.bounces import Delivery
from tests.unit.mime_messages import parser

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
NAMES = ("mimekit", "mime4j", "mikel-mail", "flufl-bounce")
MADE_TO_BREAK = "stack-overflow.txt"
_MESSAGE = re.compile(rb"(?i)(?:>?From |[!-9;-~]+:)")

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="needs ../shared/corpora")


def messages(name: str) -> dict[str, bytes]:
    files = (file for file in sorted((CORPORA / name).rglob("*")) if file.is_file())
    read = {str(f): f.read_bytes() for f in files if f.suffix != ".py" and f.name != "SOURCE.txt"}
    return {path: raw for path, raw in read.items() if _MESSAGE.match(raw)}


def parsed(raw: bytes) -> ParsedMail | None:
    try:
        return parser().parse(raw)
    except UnreadableError:
        return None


def all_texts(mail: ParsedMail) -> list[str]:
    names = [file.name for file in mail.attachments]
    values = [value for several in mail.headers.values() for value in several]
    return [mail.subject, mail.to, mail.text, mail.html, *mail.from_addresses, *names, *values]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_read_or_held_and_no_other_way(name):
    files = [file for file in (CORPORA / name).rglob("*") if file.is_file()]
    assert files
    for file in files:
        mail = parsed(file.read_bytes())
        for text in all_texts(mail) if mail else []:
            assert "\0" not in text
            assert text.encode().decode() == text


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_read_but_one_made_to_break_parsers(name):
    held = {Path(path).name for path, raw in messages(name).items() if parsed(raw) is None}
    assert held <= {MADE_TO_BREAK}


def outer_leaves(part: Message) -> list[Message]:
    """Leaves as the standard library sees them, embedded messages left out."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        children = [child for child in part.get_payload() if isinstance(child, Message)]
        return [leaf for child in children for leaf in outer_leaves(child)]
    return [part]


@pytest.mark.parametrize("name", NAMES)
def test_no_octet_of_an_attachment_is_lost(name):
    """A second opinion: what the library decodes, is among what we keep."""
    looked_at = 0
    for path, raw in messages(name).items():
        mail = parsed(raw)
        kept = Counter(file.content for file in mail.attachments) if mail else None
        for leaf in outer_leaves(BytesParser(policy=compat32).parsebytes(raw)) if mail else []:
            octets = leaf.get_payload(decode=True)
            binary = leaf.get_content_maintype() in {"application", "image", "audio", "video"}
            sound = mail is not None and "transfer-encoding" not in mail.defects
            if binary and sound and isinstance(octets, bytes) and octets and kept is not None:
                looked_at += 1
                assert octets in kept, path
    assert looked_at or name == "flufl-bounce"


def test_bounces_are_seen():
    """Measured: 111 of 117; the rest say nothing that a machine was ever told to say."""
    bounces = messages("flufl-bounce")
    seen = [p for p, raw in bounces.items() if (mail := parsed(raw)) and mail.auto_kind == "bounce"]
    assert len(bounces) == 117
    assert len(seen) >= 111


def expected_of_bounces() -> dict[str, Delivery]:
    """By file: what the collection's own table says of the failure, where it names an address."""
    source = (CORPORA / "flufl-bounce" / "test_detectors.py").read_text()
    table = re.search(r"(?ms)^DETECTORS = (\[\n.*?^\])$", source)
    assert table
    rows: list[tuple[str, str, list[bytes], bool]] = ast.literal_eval(table[1])
    return {
        file: Delivery.DELAYED if temporary else Delivery.FAILED
        for _, file, addresses, temporary in rows
        if addresses
    }


def test_what_a_bounce_says_is_read_as_the_collection_expects_it():
    """Measured: 110 of 111; the last one is an automatic answer to us, by its own headers."""
    folder = CORPORA / "flufl-bounce" / "data"
    expected = expected_of_bounces()
    said = {
        file: mail.delivery
        for file in expected
        if (mail := parsed((folder / file).read_bytes())) is not None
    }
    wrong = {file for file in expected if said.get(file) is not expected[file]}
    assert len(expected) >= 100
    assert wrong <= {"simple_38.txt"}
    assert said.get("simple_38.txt") is Delivery.NONE


def test_letters_are_no_bounces():
    kinds = Counter(
        mail.auto_kind for raw in messages("mime4j").values() if (mail := parsed(raw)) is not None
    )
    assert set(kinds) == {"none"}


def test_decoded_leaves_equal_those_that_the_collection_lists():
    """mime4j wrote each binary leaf to a file of its own; some lie within embedded messages."""
    folder = CORPORA / "mime4j" / "testmsgs"
    expected = sorted(folder.glob("*_decoded_1_?.bin"))
    kept = 0
    for file in expected:
        message = folder / (file.name.partition("_decoded_")[0] + ".msg")
        mail = parsed(message.read_bytes())
        kept += bool(mail) and file.read_bytes() in {a.content for a in mail.attachments}
    assert (kept, len(expected)) == (4, 4)
