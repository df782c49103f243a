"""Asks Google Books."""

from functools import partial

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.isbn import isbn13
from alexandria.biblio.text import clean_line
from alexandria.config import ProviderSettings
from alexandria.errors import BadInput, Malformed, Unauthorized
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Call, Lane
from alexandria.net.messages import Note, Reply, Request, decode, read_json
from alexandria.providers.google_books.judge import judge
from alexandria.providers.google_books.parse import read_volume
from alexandria.providers.google_books.wire import ListWire, VolumeWire
from alexandria.providers.provider import Found, NotFound

COUNTRY = "US"  # answers depend on the caller's country, and fail where Google cannot guess it
MOST_OF_ISBN = 10
MOST_OF_SEARCH = 40  # the most it gives; a request costs the same however many are in the answer
LONGEST_TEXT = 150  # characters
_KIND = "books#volumes"
Volumes = tuple[Found[EditionAnswer], ...]


class GoogleBooks:
    """Google Books' web API. Every method raises ProviderFailed and waits up to `patience` seconds for its request."""

    def __init__(self, client: Client, settings: ProviderSettings) -> None:
        self._client, self._settings = client, settings

    async def by_isbn(
        self, isbn: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[EditionAnswer] | NotFound:
        """The volume that has the ISBN among its identifiers, the fullest if there are several."""
        request = self._request(f"isbn:{isbn13(isbn)}", MOST_OF_ISBN)
        call = Call(self._settings.bucket, lane, "isbn")
        return await self._client.ask(request, call, partial(read_isbn, isbn=isbn), patience=patience)

    async def search(
        self, title: str, author: str | None = None, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Volumes:
        """The volumes that may be meant, best first, without a judgement whether one of them is; empty for none."""
        question = f'intitle:"{_words(title)}"'
        if '""' in question:
            raise BadInput("title", "must hold a word")
        if author and (name := _words(author)):
            question += f' inauthor:"{name}"'
        request = self._request(question, MOST_OF_SEARCH, printType="books")
        call = Call(self._settings.bucket, lane, "search")
        return await self._client.ask(request, call, read_search, patience=patience)

    def _request(self, question: str, most: int, **params: str) -> Request:
        key = self._settings.api_key
        if not key:  # without one, all the world shares one quota, which is always used up
            raise Unauthorized(self._settings.bucket, "it needs a key: set ALEXANDRIA_GOOGLE_BOOKS_API_KEY")
        return Request(
            url=f"{self._settings.url}/volumes",
            params={"q": question, "maxResults": str(most), "country": COUNTRY, **params, "key": key},
            timeout=self._settings.timeout,
            secrets=(key,),
            judge=judge,
        )


def read_isbn(reply: Reply, isbn: int) -> tuple[Found[EditionAnswer] | NotFound, Note]:
    """The volume of an ISBN: another book than asked for is none. Raises Malformed where one cannot be read."""
    volumes, unread = _volumes(reply)
    right = [volume for volume in volumes if isbn in volume.answer.isbns]
    if right:
        return max(right, key=lambda volume: _fullness(volume.answer)), Note(found=1)
    if unread:
        raise Malformed(reply.bucket, f"{reply.url} answers with {unread} volumes that cannot be read")
    return NotFound(), Note(found=0)


def read_search(reply: Reply) -> tuple[Volumes, Note]:
    """The volumes of a search. Raises Malformed when none of them can be read."""
    volumes, unread = _volumes(reply)
    if unread and not volumes:
        raise Malformed(reply.bucket, f"{reply.url} answers with {unread} volumes, none of which can be read")
    return tuple(volumes), Note(found=len(volumes))


def _volumes(reply: Reply) -> tuple[list[Found[EditionAnswer]], int]:
    """The volumes of a list, and how many of them cannot be read."""
    wire = decode(reply, ListWire)
    if wire.kind != _KIND:
        raise Malformed(reply.bucket, f"{reply.url} answers with {clean_line(wire.kind, 40)!r} instead of {_KIND}")
    found, items = [], wire.items or []
    for item in items:
        try:
            volume = read_json(reply, item, VolumeWire)
        except Malformed:
            continue
        found.append(Found(read_volume(volume), volume.id, reply.received_at))
    return found, len(items) - len(found)


def _fullness(answer: EditionAnswer) -> int:
    """How many fields an answer fills."""
    return sum(bool(getattr(answer, name)) for name in answer.__struct_fields__)


def _words(text: str) -> str:
    """Text that is only looked for: no quotation mark or keyword in it means anything."""
    cleaned = clean_line(text.replace('"', " "), LONGEST_TEXT)
    return cleaned if any(character.isalnum() for character in cleaned) else ""
