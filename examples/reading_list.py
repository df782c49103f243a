"""A reading list: an ISBN comes in on each line, a book goes out, whatever happens to the servers meanwhile.

BOOKS_KEY=… GOOGLE_KEY=… python examples/reading_list.py http://127.0.0.1:8000 < my-isbns.txt
"""

import os
import sys

from alexandria.client import Client, InvalidIsbn, Unavailable

GOOGLE = "https://www.googleapis.com/books/v1"


def describe(client: Client, isbn: str) -> str:
    """One line about the book of an ISBN, or about why there is none."""
    try:
        found = client.lookup_isbn(isbn)
    except InvalidIsbn as error:  # the reader has to look again
        return f"invalid   {error}"
    except Unavailable as error:  # nothing was learned: not the same as "there is no such book"
        return f"later     {isbn}: {error}"
    if found is None:
        return f"unknown   {isbn}: nobody has it"
    book = found.editions[0]
    names = ", ".join(author.name or "?" for author in book.authors) or "?"
    return f"{found.source:<13} {book.isbn13}: {book.title} by {names}"


def main(url: str = "http://127.0.0.1:8000", google_url: str = GOOGLE) -> None:
    key, google_key = os.environ.get("BOOKS_KEY"), os.environ.get("GOOGLE_KEY")
    with Client(url, key, google_books_url=google_url, google_books_key=google_key) as client:
        for line in sys.stdin:
            if line.strip():
                print(describe(client, line.strip()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
