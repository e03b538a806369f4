"""The metrics tell of mails that did not go out, by kind and by nothing else."""

from uuid import UUID

from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.metrics.collector import exposition
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import FakeStore


def test_dead_mails_are_counted_by_kind():
    clock = FixedClock()
    store = FakeStore(ids=SeededIds(), clock=clock)
    with store.units() as uow:
        for number, kind in enumerate((JobKind.SEND_LINK, JobKind.SEND_LINK, JobKind.SEND_NOTICE)):
            uow.outbox.add(kind, UUID(int=number), clock.now())
        uow.commit()
    with store.units() as uow:
        for claim in uow.outbox.claim(2, clock.now()):
            uow.outbox.bury(claim, "MailRefusedError")
        uow.commit()
    told = exposition(store.units, clock).decode().splitlines()
    dead = {line for line in told if line.startswith("secure_mail_outbox_dead_mails{")}
    assert dead == {
        'secure_mail_outbox_dead_mails{kind="send-link"} 2.0',
        'secure_mail_outbox_dead_mails{kind="send-code"} 0.0',
        'secure_mail_outbox_dead_mails{kind="send-receipt"} 0.0',
        'secure_mail_outbox_dead_mails{kind="send-notice"} 0.0',
        'secure_mail_outbox_dead_mails{kind="send-refusal"} 0.0',
    }
    assert 'secure_mail_outbox_jobs{kind="send-notice"} 1.0' in told
