"""A message is tried until every receiver has it, each once; nothing of an address is ever told."""

import pytest

from alexandria.db import Database, connect
from alexandria.ops.outbox import deliver, list_undelivered
from alexandria.ops.tell import Telling, name_of
from tests.mirror.test_load import rows
from tests.ops.receiver import Receiver

pytestmark = pytest.mark.anyio
SECRET = "sesame-open-thyself"


def write(url: str, age: str = "0 s") -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into ops.messages (title, body, severity, created_at) values ('Title', 'Body', 'critical', "
            f"now() - interval '{age}')".encode()
        )


def hurry(url: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute("update ops.messages set due_at = now()")


async def test_only_who_has_it_not_is_tried_again(
    database: Database, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(database_url)
    with Receiver() as well, Receiver(SECRET) as ill:
        ill.status = 500
        telling = Telling([well.url, ill.url])
        assert await deliver(database, telling) == 1
        assert await deliver(database, telling) == 0  # not before its time
        [waiting] = await list_undelivered(database)
        assert (waiting.title, waiting.tries, waiting.given_up) == ("Title", 1, False)
        assert waiting.error == f"{name_of(ill.url)} refused it (HTTP 500)"
        hurry(database_url)
        ill.status = 200
        assert await deliver(database, telling) == 1
        assert [(each["title"], each["message"], each["type"]) for each in well.got] == [("Title", "Body", "failure")]
        assert len(ill.got) == 1
    assert await list_undelivered(database) == []
    assert rows(database_url, "select sent_at is not null, error from ops.messages") == [(True, None)]
    out, err = capfd.readouterr()
    assert SECRET not in out + err


async def test_what_cannot_arrive_is_given_up_after_a_day(database: Database, database_url: str) -> None:
    write(database_url, "25 hours")
    telling = Telling([f"json://127.0.0.1:1/{SECRET}", "nonsense://x"])
    assert await deliver(database, telling) == 1
    [given_up] = await list_undelivered(database)
    assert given_up.given_up
    assert given_up.error is not None
    assert "could not be reached, or refused it" in given_up.error
    assert "is no service that apprise knows" in given_up.error
    assert SECRET not in given_up.error
    hurry(database_url)
    assert await deliver(database, telling) == 0


async def test_nobody_delivers_what_somebody_else_delivers(database: Database, database_url: str) -> None:
    write(database_url)
    with connect(database_url, autocommit=True) as connection:
        connection.execute("update ops.messages set due_at = now() + interval '2 minutes', tries = 1")
    with Receiver() as receiver:
        assert await deliver(database, Telling([receiver.url])) == 0
        hurry(database_url)  # whoever had it died
        assert await deliver(database, Telling([receiver.url])) == 1
        assert len(receiver.got) == 1
