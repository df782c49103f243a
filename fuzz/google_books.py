"""Answers of Google Books: lists of volumes, and its refusals."""

from collections.abc import Iterator
from pathlib import Path

from alexandria.providers.google_books.client import read_isbn, read_search
from alexandria.providers.google_books.judge import judge
from fuzz.answers import files, read_all, replied


def seeds(fixtures: Path) -> Iterator[bytes]:
    folder = fixtures / "googlebooks"
    yield from files(folder, "lists/*.json", "errors/*.json")
    for volume in files(folder, "volumes/*.json"):
        yield b'{"kind":"books#volumes","totalItems":1,"items":[' + volume + b"]}"


def check(data: bytes) -> None:
    reply = replied(data)
    read_all(data, [lambda _: read_isbn(reply, 9780140328721), lambda _: read_search(reply)])
    for status in (400, 403, 429, 503):
        judge(replied(data, status))
