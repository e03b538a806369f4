"""The servers of the test run answer, each test in a place of its own."""

from __future__ import annotations

import urllib.request

import pika
import psycopg
import redis


def test_postgres_gives_an_empty_database_that_is_durable(postgres_url):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


def test_postgres_copies_a_template(postgres_server):
    with postgres_server.database() as template:
        with psycopg.connect(template.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        with (
            postgres_server.database(template.rsplit("/", 1)[1]) as copy,
            psycopg.connect(copy.replace("+psycopg", "")) as connection,
        ):
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_valkey_is_empty(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


test_valkey_is_empty_again = test_valkey_is_empty


def test_rabbitmq_takes_and_gives_a_message(rabbitmq_url):
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq_url))
    channel = connection.channel()
    # Not passive: it would fail if another test had left one with other properties.
    channel.queue_declare("ids", auto_delete=True)
    channel.basic_publish("", "ids", b"1")
    assert channel.basic_get("ids")[2] == b"1"
    connection.close()


def test_s3_gives_an_empty_bucket(s3):
    bucket = s3.url.removeprefix("s3://").split("/", 1)[0]
    with urllib.request.urlopen(f"{s3.environment['AWS_ENDPOINT_URL']}/{bucket}") as answer:
        assert b"<Contents>" not in answer.read()
