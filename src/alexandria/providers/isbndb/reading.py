"""What an answer of ISBNdb means for what was asked. Pure.

An ISBN is NotFound only where ISBNdb says so, or where a batch's answer is complete and names no strangers. Each book
is checked to be about an ISBN that was asked for.
"""

from collections.abc import Sequence

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.isbn import isbn13
from alexandria.errors import Malformed, ProviderFailed
from alexandria.net.messages import Note, Reply, decode, read_json
from alexandria.providers.isbndb.parse import read_book
from alexandria.providers.isbndb.profile import MOST_RESULTS, PAGE_SIZE
from alexandria.providers.isbndb.results import Allowance, Batch, Page
from alexandria.providers.isbndb.wire import AbsenceWire, BookWire, Items, KeyWire, ManyWire, OneWire, PageWire
from alexandria.providers.provider import Found, NotFound

_MOST_UNITS = 1_000_000


def read_one(reply: Reply, isbn: int) -> tuple[Found[EditionAnswer] | NotFound, Note]:
    """The book of an ISBN. Raises Malformed for another one."""
    if _is_absent(reply):
        return NotFound(), Note(found=0)
    answer = read_book(decode(reply, OneWire).book)
    if isbn not in answer.isbns:
        other = f"the book {answer.isbns[0]}" if answer.isbns else "a book without a valid ISBN"
        raise Malformed(reply.bucket, f"{other} came for {isbn}")
    return Found(answer, isbn13(isbn), reply.received_at), Note(found=1)


def read_batch(reply: Reply, asked: Sequence[int], by_isbn: bool) -> tuple[Batch, Note]:
    """What became of each ISBN of a batch. `by_isbn`: `requested` is what it charged, one unit for each ISBN."""
    wire = decode(reply, ManyWire)
    found: dict[int, Found[EditionAnswer] | NotFound] = {}
    items, wanted, known = _items(wire.data), set(asked), 0
    for item in items:
        answer = _book(reply, item)
        mine = wanted.intersection(answer.isbns) if answer else set[int]()
        if answer and mine:
            known += 1
            found.update((isbn, Found(answer, isbn13(isbn), reply.received_at)) for isbn in mine)
    charged = _count(wire.requested) if by_isbn else None
    reason = _incomplete(_count(wire.total), len(items), len(items) - known, charged, len(asked))
    missing = [isbn for isbn in asked if isbn not in found]
    note = Note(charged=charged, found=len(found))
    if reason is None:
        return Batch({**found, **{isbn: NotFound() for isbn in missing}}, {}), note
    failure: ProviderFailed = Malformed(reply.bucket, f"the answer to {len(asked)} ISBNs {reason}")
    return Batch(found, dict.fromkeys(missing, failure)), note


def _incomplete(total: int | None, came: int, odd: int, charged: int | None, asked: int) -> str | None:
    """Why nothing follows from an ISBN that is missing in an answer; None when it means that it is not known."""
    if odd:
        return f"holds {odd} books that were not asked for or cannot be read"
    if total is not None and came < total:
        return f"holds {came} of {total} books"
    if charged is not None and charged < asked:
        return f"is about {charged} of them"
    return None


def read_page(reply: Reply, page: int) -> tuple[Page, Note]:
    """A page of books, empty when nothing is known. Raises Malformed when none of its books can be read."""
    if _is_absent(reply):
        return Page((), more=False), Note(found=0)
    wire = decode(reply, PageWire)
    if wire.books is None and wire.data is None:
        raise Malformed(reply.bucket, f"{reply.url} answers without a list of books")
    items = _items(wire.books if wire.books is not None else wire.data or [])
    answers = [answer for item in items if (answer := _book(reply, item)) and answer.isbns]
    if items and not answers:
        raise Malformed(reply.bucket, f"{reply.url} answers with {len(items)} books, none of which can be read")
    editions = tuple(Found(answer, isbn13(answer.isbns[0]), reply.received_at) for answer in answers)
    total = _count(wire.total)
    until = page * PAGE_SIZE
    more = bool(items) and until < MOST_RESULTS and (len(items) >= PAGE_SIZE if total is None else until < total)
    return Page(editions, more, total, len(items) - len(answers)), Note(found=len(editions))


def read_key(reply: Reply) -> tuple[Allowance, Note]:
    """What ISBNdb says of our key; the key's own limit where that is the narrower one."""
    wire = decode(reply, KeyWire)
    limit = wire.plan_limit
    total, spent, left = limit.total, limit.spent, limit.left
    if limit.limited_by == "key":
        total = limit.key_total if limit.key_total is not None else total
        left = limit.key_left if limit.key_left is not None else left
        spent = limit.key_spent if limit.key_spent is not None else spent
    left = max(left, 0) if left is not None else None
    return Allowance(wire.plan_name, wire.api_host, total, spent, left), Note(remaining=left)


def _is_absent(reply: Reply) -> bool:
    """Whether it says that it does not know. Raises Malformed for a 404 that is not ISBNdb's own."""
    if reply.status != 404:
        return False
    words = read_json(reply, reply.body, AbsenceWire)
    if not (words.message or words.errorMessage):
        raise Malformed(reply.bucket, f"{reply.url} answers 404 without saying what is not found")
    return True


def _book(reply: Reply, item: object) -> EditionAnswer | None:
    try:
        return read_book(read_json(reply, item, BookWire))  # type: ignore[arg-type]
    except Malformed:
        return None


def _items(items: Items) -> list[object]:
    return list(items.values() if isinstance(items, dict) else items)


def _count(value: int | str | None) -> int | None:
    """A number of books or units, which may come as text."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
    return value if value is not None and 0 <= value <= _MOST_UNITS else None
