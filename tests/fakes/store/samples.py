"""Nouns with plausible fields; a test names the ones that it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from secure_mail.domain.access import GrantState, QueueGrant, Role, StaffMember, StaffState
from secure_mail.domain.answers import CODE_LIFE, ReadingCode
from secure_mail.domain.cases import Case, CaseState, Identified, Reply, SealedSummary
from secure_mail.domain.compose import Draft, DraftFile
from secure_mail.domain.ids import (
    CaseId,
    CodeId,
    ContentId,
    DraftId,
    GrantId,
    LinkId,
    Mailbox,
    MessageId,
    PartId,
    PartnerId,
    QueueName,
    Reference,
    RegistrationId,
    ReplyId,
    SessionId,
    StaffId,
)
from secure_mail.domain.links import Audience, Registration, SecureLink, Session, SessionKind
from secure_mail.domain.messages import Assurance, Channel, Message, MessageState, Part, PartKind
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.sealing import (
    INTAKE,
    REPLIES,
    SealedBytes,
    SealedDigest,
    SealedKey,
    queue_key,
)
from tests.fakes.chance import START, SeededIds

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

IDS = SeededIds(seed=7)
SEALED = SealedBytes(b"\x01sealed")
DIGEST = SealedDigest(bytes(32))
QUEUE = QueueName("abroad")
N = TypeVar("N", bound="DataclassInstance")


def new() -> UUID:
    return IDS.new()


def changed(noun: N, changes: dict[str, Any]) -> N:
    return replace(noun, **changes)


def reference() -> Reference:
    return Reference.of("PK", IDS.symbols(7))


def registration(**changes: Any) -> Registration:
    noun = Registration(
        id=RegistrationId(new()),
        requested_at=START,
        language="en",
        check_words="RIVER 48",
        network=b"network",
        sealed=SEALED,
    )
    return changed(noun, changes)


def link(**changes: Any) -> SecureLink:
    noun = SecureLink(
        id=LinkId(new()),
        registration_id=RegistrationId(new()),
        token_hash=new().bytes,
        reference="7K4Q9M",
        language="en",
        check_words="RIVER 48",
        requested_at=START,
        expires_at=START + timedelta(days=10),
        audience=Audience.ABROAD,
        partner_id=None,
        country="SE",
        address_index=b"address",
        masked_address=SEALED,
    )
    return changed(noun, changes)


def session(**changes: Any) -> Session:
    noun = Session(
        id=SessionId(new()),
        kind=SessionKind.LINK,
        secret_hash=new().bytes,
        subject="subject",
        language="en",
        created_at=START,
        last_used_at=START,
        expires_at=START + timedelta(hours=12),
    )
    return changed(noun, changes)


def draft(**changes: Any) -> Draft:
    noun = Draft(
        id=DraftId(new()),
        link_id=LinkId(new()),
        content_id=ContentId(new()),
        wrapped_key=SEALED,
        escrow=SEALED,
        composition=SEALED,
        form_part=PartId(new()),
        created_at=START,
        updated_at=START,
        served_at=START,
    )
    return changed(noun, changes)


def draft_file(**changes: Any) -> DraftFile:
    noun = DraftFile(
        id=PartId(new()),
        draft_id=DraftId(new()),
        ordinal=0,
        size=3,
        digest=DIGEST,
        inline=SEALED,
        blob=None,
        label=SEALED,
        uploaded_at=START,
    )
    return changed(noun, changes)


def part(**changes: Any) -> Part:
    noun = Part(
        id=PartId(new()),
        content_id=ContentId(new()),
        kind=PartKind.RAW,
        ordinal=0,
        size=3,
        digest=DIGEST,
        inline=SEALED,
        blob=None,
        label=None,
    )
    return changed(noun, changes)


def message(**changes: Any) -> Message:
    noun = Message(
        id=MessageId(new()),
        content_id=ContentId(new()),
        channel=Channel.SMTP,
        mailbox=Mailbox("abroad"),
        state=MessageState.ACCEPTED,
        reference=reference(),
        received_at=START,
        sealed_key=SealedKey(INTAKE, SEALED),
        evidence=SEALED,
    )
    return changed(noun, changes)


def case(**changes: Any) -> Case:
    noun = Case(
        id=CaseId(new()),
        reference=reference(),
        queue=QUEUE,
        state=CaseState.NEW,
        received_at=START,
        filed_at=START,
        due_at=START + timedelta(days=7),
        mailbox="abroad",
        channel="smtp",
        topic="debt",
        purpose="question",
        language="en",
        sender_kind="customer",
        country="SE",
        acts_for=False,
        assurance=Assurance.LINK_CONFIRMED,
        notify=True,
        partner_id=None,
        address_index=b"address",
        last_message_at=START,
        tags=("one", "two"),
    )
    return changed(noun, changes)


def summary(of: Case) -> SealedSummary:
    return SealedSummary(case_id=of.id, holder=queue_key(of.queue), sealed=SEALED)


def reply(**changes: Any) -> Reply:
    noun = Reply(
        id=ReplyId(new()),
        case_id=CaseId(new()),
        content_id=ContentId(new()),
        author=StaffId(new()),
        created_at=START,
        language="en",
        identified=Identified.LETTER,
        for_staff=SealedKey(queue_key(QUEUE), SEALED),
        for_reader=SealedKey(REPLIES, SEALED),
        address=SEALED,
        readable_until=START + timedelta(days=30),
    )
    return changed(noun, changes)


def code(**changes: Any) -> ReadingCode:
    noun = ReadingCode(
        id=CodeId(new()),
        requested_at=START,
        expires_at=START + CODE_LIFE,
        language="en",
        check_words="RIVER 48",
        network=b"network",
        cookie_hash=new().bytes,
        sealed=SEALED,
    )
    return changed(noun, changes)


def member(**changes: Any) -> StaffMember:
    noun = StaffMember(
        id=StaffId(new()),
        email=f"clerk{new().hex[:12]}@example.org",
        name="Sample Clerk",
        language="fi",
        state=StaffState.ACTIVE,
        created_at=START,
    )
    return changed(noun, changes)


def grant(**changes: Any) -> QueueGrant:
    noun = QueueGrant(
        id=GrantId(new()),
        staff_id=StaffId(new()),
        role=Role.CASEWORKER,
        queue=QUEUE,
        state=GrantState.CONFIRMED,
        granted_at=START,
        granted_by="operator",
    )
    return changed(noun, changes)


def partner(**changes: Any) -> PartnerOrganisation:
    noun = PartnerOrganisation(
        id=PartnerId(new()),
        name=f"Sample Partner {new().hex[:12]}",
        domains=("example.org", "example.net"),
        require=(Check.TLS, Check.NETWORK),
        networks=("192.0.2.0/28",),
        exclusive=True,
        created_at=START,
    )
    return changed(noun, changes)
