"""`python -m alexandria.client ISBN…`: a look at what the client finds, and where."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from alexandria.client import Client, ClientError, Edition, NormalizedResponse

FOUND, NOT_FOUND, BAD_USAGE = 0, 1, 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m alexandria.client", description="Look ISBNs up, as an application would."
    )
    parser.add_argument("isbns", nargs="+", metavar="ISBN")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where Alexandria is (default: %(default)s)")
    parser.add_argument("--google-url", help="where Google Books is, if not at Google")
    parser.add_argument("--no-google", action="store_true", help="ask Alexandria only")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON, a line for each ISBN")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when one of the ISBNs was not found, or nobody could be asked; 2 for bad usage."""
    options = parse(arguments)
    settings: dict[str, Any] = {"google_books_url": options.google_url} if options.google_url else {}
    if options.no_google:
        settings = {"google_books_url": None}
    try:
        client = Client(options.url, **settings)
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_USAGE
    with client:
        return max(_look(client, isbn, as_json=options.json) for isbn in options.isbns)


def _look(client: Client, isbn: str, *, as_json: bool) -> int:
    try:
        found = client.lookup_isbn(isbn)
    except ClientError as error:
        sys.stderr.write(f"{isbn}: {error}\n")
        return NOT_FOUND
    if found is None:
        sys.stderr.write(f"{isbn}: nobody knows it\n")
        return NOT_FOUND
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n" if as_json else _shown(found, found.editions[0]))
    return FOUND


def _shown(found: NormalizedResponse, edition: Edition) -> str:
    facts = {
        "by": ", ".join(each.name or "" for each in edition.authors),
        "publisher": edition.publisher,
        "published": edition.publication_date,
        "pages": edition.page_count,
        "isbn-13": edition.isbn13,
        "edition": edition.key,
        "work": found.works[0].key if found.works else None,
        "from": found.source,
        "see": found.link,
    }
    lines = [edition.title or "(untitled)", *(f"  {name:<10} {value}" for name, value in facts.items() if value)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
