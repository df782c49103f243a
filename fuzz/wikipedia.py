"""Answers of Wikipedia: the summary of a page."""

from collections.abc import Iterator
from pathlib import Path

from alexandria.net.messages import decode
from alexandria.providers.wikipedia.parse import page_url, read_summary
from alexandria.providers.wikipedia.wire import SummaryWire
from fuzz.answers import files, lines, read_all, replied

ITEM, TITLE = "Q25161", "Roald Dahl"


def seeds(fixtures: Path) -> Iterator[bytes]:
    folder = fixtures / "wikipedia"
    yield from files(folder, "recorded/*.json")
    for name in ("summaries_writers.jsonl", "summaries_other_pages.jsonl"):
        yield from lines(folder / name, 50)


def check(data: bytes) -> None:
    reply = replied(data)
    read_all(data, [lambda _: read_summary(decode(reply, SummaryWire), ITEM, TITLE, "en")])
    url = page_url(data.decode("utf-8", "replace"), "en")
    assert url.isascii()
    assert not set(url) & set(' \r\n\t"<>\\')
