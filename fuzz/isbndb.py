"""Answers of ISBNdb: a book, a batch, a page, its report on the key, and its refusals."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from alexandria.providers.isbndb.judge import judge, judge_batch
from alexandria.providers.isbndb.reading import read_batch, read_key, read_one, read_page
from fuzz.answers import files, lines, read_all, replied

ISBN, OTHER = 9780140328721, 9781338878929


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from files(fixtures / "isbndb", "*.json", "responses/*.json")
    yield from lines(fixtures / "isbndb" / "dump_lines.jsonl", 50)


def check(data: bytes) -> None:
    reply = replied(data)
    read_all(
        data,
        [
            lambda _: read_one(reply, ISBN),
            lambda _: read_one(replied(b'{"book":' + data + b"}"), ISBN),
            lambda _: [*read_batch(reply, [ISBN, OTHER], True)[0].answers.values()],
            partial(_page, page=1),
            lambda _: read_key(reply)[0],
        ],
    )
    for status in (401, 403, 404, 429, 500):
        judge(replied(data, status))
        judge_batch(replied(data, status))


def _page(data: bytes, page: int) -> object:
    return read_page(replied(data), page)[0]
