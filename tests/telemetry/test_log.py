"""No secret comes into the log, whoever writes it and however it got there; each event knows its request."""

import json
import logging
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path

import pytest
import structlog

from alexandria.config import find_secrets, read_settings
from alexandria.telemetry.log import HIDDEN, REQUEST_ID, Hiding, configure_logs

SETTINGS = {
    "ALEXANDRIA_INTERNAL_API_KEY": "internal-key-0123456789",
    "ALEXANDRIA_DATABASE_URL": "postgresql://ann:pass%2Fword1@db.example.org/x",
    "ALEXANDRIA_DATABASE_DIRECT_URL": "postgresql:///x?host=/run&password=word2word",
    "ALEXANDRIA_ISBNDB_API_KEY": "isbndb-key-42",
    "ALEXANDRIA_GOOGLE_BOOKS_API_KEY": "google-key-43",
    "ALEXANDRIA_ALERT_URLS": "tgram://123456789:AAbbCCdd/987654 mailto://bob:mailword@mail.example.org?to=x&key=abcdefgh",
    "ALEXANDRIA_TRACES_URL": "http://trace:traceword@127.0.0.1:4318",
}
SECRETS = (
    "internal-key-0123456789", "pass%2Fword1", "pass/word1", "word2word", "isbndb-key-42", "google-key-43",
    "AAbbCCdd", "987654", "mailword", "abcdefgh", "traceword",
)  # fmt: skip


Logged = Callable[[], str]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """A function that gives what was logged until now; afterwards logs are as they were."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers
    yield lambda: capsys.readouterr().err
    structlog.configure(**before)
    logging.getLogger().handlers = handlers


def test_the_secrets_of_settings() -> None:
    found = find_secrets(read_settings(SETTINGS, Path("/nonexistent")))
    assert set(SECRETS) <= found
    assert not {"mail.example.org", "db.example.org", "127.0.0.1", "localhost", ""} & found
    assert not any(secret in repr(read_settings(SETTINGS, Path("/nonexistent"))) for secret in SECRETS[:2])


@pytest.mark.parametrize("format", ["logfmt", "json"])
def test_secrets_are_hidden_wherever_they_turn_up(logged: Logged, format: str) -> None:
    configure_logs(find_secrets(read_settings(SETTINGS, Path("/nonexistent"))), format)  # type: ignore[arg-type]
    log = structlog.get_logger()
    for secret in SECRETS:
        log.warning(
            f"event {secret}", value=f"x{secret}y", several=[secret], pairs={"a": secret}, error=ValueError(secret)
        )
        try:
            raise RuntimeError(f"in a traceback: {secret}")
        except RuntimeError as error:
            log.error("failed", exc_info=error)
        logging.getLogger("a.library").warning("tells of %s", secret)
        try:
            raise RuntimeError(f"in a library's traceback: {secret}")
        except RuntimeError:
            logging.getLogger("a.library").exception("failed")
    text = logged()
    assert [secret for secret in SECRETS if secret in text] == []
    assert text.count(HIDDEN) >= 5 * len(SECRETS)
    assert "in a traceback: " in text
    assert "in a library's traceback: " in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:word@db/x failed", f"postgresql://{HIDDEN}@db/x failed"),
        ("GET https://a.org/b?key=abc&x=1", f"GET https://a.org/b?{HIDDEN}&x=1"),
        ("https://a.org/?access_token=abc", f"https://a.org/?{HIDDEN}"),
        ("Authorization: Bearer abcdefgh.ijk", f"Authorization: {HIDDEN}"),
        ("key alx_abcdefghij_" + "k" * 40, f"key alx_abcdefghij_{HIDDEN}"),
        ("isbn:9780140328721 at 12:30 keyed", "isbn:9780140328721 at 12:30 keyed"),
        ("see https://a.org/keys?monkey=1", "see https://a.org/keys?monkey=1"),
    ],
)
def test_what_looks_like_a_secret(text: str, shown: str) -> None:
    assert Hiding(()).hide(text) == shown


def test_short_words_are_not_hidden() -> None:
    assert Hiding(["one", "two"]).hide("one of two") == "one of two"


def test_events_know_their_request(logged: Logged) -> None:
    configure_logs(format="json")

    def inside() -> None:
        REQUEST_ID.set(b"abc-1")
        structlog.get_logger().info("inside")
        logging.getLogger("a.library").warning("inside, too")

    copy_context().run(inside)
    structlog.get_logger().info("outside")
    first, second, last = map(json.loads, logged().splitlines())
    assert (first["event"], first["level"], first["request_id"]) == ("inside", "info", "abc-1")
    assert (second["event"], second["level"], second["request_id"]) == ("inside, too", "warning", "abc-1")
    assert "request_id" not in last
    assert last["timestamp"].endswith("Z")


def test_it_may_be_configured_again(logged: Logged) -> None:
    configure_logs()
    configure_logs()
    logging.getLogger("a.library").warning("once")
    assert logged().count("once") == 1
