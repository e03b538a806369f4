"""Roles that start together, each as a process of its own, approve the first rules once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from secure_mail.application.ports.store_upkeep import StoredRuleSet
from secure_mail.bootstrap.data import data_path
from secure_mail.bootstrap.parts import Parts
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.migrate import upgrade
from secure_mail.infrastructure.rules.standing import choose
from secure_mail.settings import PREFIX, read_settings
from tests.fakes.chance import START

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def test_a_role_that_starts_while_another_approves_takes_the_same_rules(postgres_url, tmp_path):
    database = open_database(postgres_url)
    upgrade(database)
    given = {f"{PREFIX}DATABASE_URL": postgres_url, f"{PREFIX}DATA_DIR": str(tmp_path)}
    first, second = (Parts(read_settings(given), ("web",)) for _ in range(2))
    rules = choose(None, data_path("routing_rules.yaml").read_bytes(), "rules").rules
    try:
        with ThreadPoolExecutor(1) as pool, first.units() as uow:
            uow.rule_sets.approve(
                StoredRuleSet(
                    hash=rules.book.hash, text=rules.text, approved_at=START, approved_by=("first",)
                )
            )
            starting = pool.submit(lambda: second.book.hash)
            until = time.monotonic() + 30
            with database.reading() as connection:
                while not connection.execute(WAITING).scalar():
                    assert time.monotonic() < until
                    time.sleep(0.01)
            uow.commit()
            assert starting.result(30) == rules.book.hash
        with first.units.reading() as uow:
            in_force = uow.rule_sets.in_force()
        assert in_force is not None
        assert in_force.approved_by == ("first",)
    finally:
        for parts in (first, second):
            parts.close()
        database.close()
