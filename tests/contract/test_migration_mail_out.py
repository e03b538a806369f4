"""Down from dead mails and machines' messages, and up again, with both in the tables."""

import pytest
from sqlalchemy import insert, text

from secure_mail.domain.messages import MessageState
from secure_mail.infrastructure.db.check import check
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.migrate import downgrade, upgrade
from secure_mail.infrastructure.db.repositories.intake import ANSWER, MESSAGE
from secure_mail.infrastructure.db.repositories.outbox import ENTRY
from secure_mail.infrastructure.db.tables import METADATA
from tests.fakes.chance import START
from tests.fakes.store import samples


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    url = (
        request.getfixturevalue("postgres_url")
        if request.param == "postgres"
        else f"sqlite:///{tmp_path / 'empty.db'}"
    )
    database = open_database(url)
    yield database
    database.close()


def test_down_and_up_again(empty):
    upgrade(empty)
    message = samples.message(state=MessageState.FILED, automatic=True)
    entry = {
        "id": samples.new(),
        "kind": "send-link",
        "subject": samples.new(),
        "created_at": START,
        "due_at": START,
        "ready_at": None,
        "state": "dead",
        "attempt": 9,
        "last_error": "MailTemporaryError",
    }
    with empty.writing() as connection:
        connection.execute(insert(METADATA.tables["content"]), {"id": message.content_id})
        connection.execute(insert(MESSAGE.table), MESSAGE.row(message))
        connection.execute(insert(ENTRY.table), entry)
        answered = {"address_index": b"\x00\x01a", "message_id": message.id, "at": START}
        connection.execute(insert(ANSWER), answered)
        connection.commit()
    downgrade(empty, "0009_fetching")
    with empty.reading() as connection:
        assert connection.execute(text("SELECT state FROM outbox_entry")).scalar_one() == "done"
    upgrade(empty)
    assert check(empty) == []
    with empty.reading() as connection:
        found = connection.execute(MESSAGE.table.select()).mappings().one()
        assert not MESSAGE.noun(found).automatic
        assert connection.execute(ANSWER.select()).all() == []
