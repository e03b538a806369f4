"""What stands behind the program fails: the table's reply, and all is well again by itself.

fault                        reply                       afterwards
---------------------------  --------------------------  ------------------------------------------
SQLite locked by another     451 4.3.0 after the dot     the repetition is taken
PostgreSQL stopped           451 4.3.0 at MAIL, and      the repetition is taken, once it has been
                             after the dot               started again
Valkey killed                250: no effect              a new, empty one gets the work
Valkey wiped again and again 250                         every lost hint comes back by its lease
RabbitMQ out of reach        250                         the work goes on
RabbitMQ purged              250                         the same
object store out of reach    451 4.3.0, small ones 250   the repetition is taken, the work goes on
"""

from __future__ import annotations

import signal
from pathlib import Path

import pika
import redis

from tests.conftest import required
from tests.hostile.lines import Line
from tests.hostile.sending import MailServer, hand_over, letter
from tests.hostile.served import MAILBOX, SENDER, Served
from tests.journey.partner import connected
from tests.journey.program import locked
from tests.services import postgres, processes, valkey
from tests.services.objects import Bucket

SMALL, LARGE = 1_000, 300_000
LEASE = {"LEASE_SECONDS": "2"}


def put_off(said: tuple[int, str]) -> bool:
    return said[0] == 451 and said[1].startswith("4.3.0 ")


def all_taken(served: Served, letters: list[bytes]) -> None:
    server = MailServer(served.smtp, hands=4)
    server.take(*letters)
    server.done()
    served.settled()
    served.keeps_once(letters)
    served.operator.run("ledger", "verify")


def test_a_locked_database(served: Served) -> None:
    octets = letter("Lukossa")
    served.start()
    with connected(served.smtp) as client:
        client.mail(SENDER)
        client.rcpt(MAILBOX)
        with locked(served.data / "secure-mail.db"):
            code, words = client.data(octets)
        assert put_off((code, words.decode()))
        assert client.noop()[0] == 250
    all_taken(served, [octets])


def test_a_database_server_that_is_stopped_and_started(served: Served, tmp_path: Path) -> None:
    folder = required(postgres.binaries(), "PostgreSQL")
    scratch = tmp_path / "postgres"
    scratch.mkdir()
    server = postgres.begin(scratch, folder)
    before, during = letter("Ennen"), letter("Aikana", LARGE)
    try:
        with postgres.Postgres(server.port).database() as url:
            served.machine.update(LEASE)
            served.moved_to(url).start()
            assert hand_over(served.smtp, before)[0] == 250
            served.settled()
            with connected(served.smtp) as client:
                client.mail(SENDER)
                client.rcpt(MAILBOX)
                end(server)
                code, words = client.data(during)
                assert put_off((code, words.decode()))
                served.wait_for(lambda: put_off(hand_over(served.smtp, during)), "MAIL is put off")
            server = postgres.serve(scratch, folder, server.port)
            all_taken(served, [before, during])
            served.stop()
    finally:
        served.end()
        end(server)


def end(server: processes.Server) -> None:
    for pid, sign in server.processes:
        processes.end(pid, signal.Signals(sign))


def test_a_broker_that_is_killed_and_comes_back_empty(served: Served, tmp_path: Path) -> None:
    binary = required(valkey.binary(), "Valkey")
    server = valkey.begin(tmp_path, binary)
    letters = [letter(f"Kirje {number}") for number in range(6)]
    served.settings["BROKER_URL"] = f"redis://127.0.0.1:{server.port}/0"
    served.machine.update(LEASE)
    served.start()
    try:
        assert hand_over(served.smtp, letters[0])[0] == 250
        served.settled()
        processes.end(server.processes[0][0], signal.SIGKILL)
        for octets in letters[1:]:
            assert hand_over(served.smtp, octets)[0] == 250
        assert served.count("state = 'accepted'", "message") == len(letters) - 1
        served.wait_for(lambda: failed(served, "dispatch.failed") >= 3, "it was tried")
        server = valkey.begin(tmp_path, binary, server.port)
        served.settled()
        served.keeps_once(letters)
        # That nobody took a hint was no attempt: after eight, a message waits for a person.
        assert not served.count("attempt > 1 AND kind = 'process-message'", "outbox_entry")
    finally:
        end(server)


def failed(served: Served, event: str) -> int:
    return sum(line.get("event") == event for line in served.log)


def test_a_broker_that_is_wiped_again_and_again(served: Served, redis_url: str) -> None:
    letters = [letter(f"Kirje {number}") for number in range(12)]
    served.settings["BROKER_URL"] = redis_url
    served.machine.update(LEASE)
    served.start()
    with redis.Redis.from_url(redis_url) as broker:
        for octets in letters:
            assert hand_over(served.smtp, octets)[0] == 250
            broker.flushdb()
        served.wait_for(lambda: wiped(served, broker), "a hint is lost")
    served.settled()
    served.keeps_once(letters)


def wiped(served: Served, broker: redis.Redis) -> bool:
    """Until a claim had to be made again: its hint went with the broker's memory."""
    broker.flushdb()
    return served.count("kind = 'process-message' AND attempt > 1", "outbox_entry") > 0


def test_a_broker_out_of_reach_and_purged(served: Served, rabbitmq_url: str) -> None:
    parameters = pika.URLParameters(rabbitmq_url)
    line = Line(parameters.port)
    letters = [letter(f"Kirje {number}") for number in range(6)]
    served.settings["BROKER_URL"] = rabbitmq_url.replace(f":{parameters.port}/", f":{line.port}/")
    served.machine.update(LEASE)
    served.start()
    assert hand_over(served.smtp, letters[0])[0] == 250
    served.settled()
    line.cut()
    for octets in letters[1:4]:
        assert hand_over(served.smtp, octets)[0] == 250
    assert served.count("state = 'accepted'", "message") == 3
    line.mend()
    with pika.BlockingConnection(parameters) as broker:
        for octets in letters[4:]:
            assert hand_over(served.smtp, octets)[0] == 250
            broker.channel().queue_purge("jobs")
    served.settled()
    served.keeps_once(letters)
    line.cut()


def test_an_object_store_out_of_reach(served: Served, s3: Bucket) -> None:
    port = int(s3.environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
    line = Line(port)
    small, large, before = letter("Pieni"), letter("Suuri", LARGE), letter("Ennen", LARGE)
    served.settings["BLOB_URL"] = s3.url
    served.machine.update(s3.environment | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}"})
    served.start()
    assert hand_over(served.smtp, before)[0] == 250
    served.settled()
    line.cut()
    assert put_off(hand_over(served.smtp, large))
    assert hand_over(served.smtp, small)[0] == 250
    line.mend()
    all_taken(served, [before, large, small])
    line.cut()
