"""The search for one cover: candidates asked one after the other until there is nothing better to be had.

A failure is never read as an absence: who could not answer is told apart from who has nothing, so that the search can
be made again when it may go better.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alexandria.covers.choose import Standing, is_better, is_worth_asking
from alexandria.covers.commons import Commons, File
from alexandria.covers.find import USER, Candidate, Sites, list_candidates
from alexandria.covers.hosts import GOOGLE, ISBNDB
from alexandria.covers.keys import SIZES, Size, digest_of, object_key
from alexandria.covers.passing import Passing
from alexandria.covers.placeholders import is_known
from alexandria.covers.pool import Decoders
from alexandria.covers.result import Refused, Rendered
from alexandria.covers.store import Cover, Facts
from alexandria.errors import CutShort, Malformed, ProviderFailed, Unauthorized, Unavailable
from alexandria.net.addresses import UrlRefused
from alexandria.net.gate import Lane
from alexandria.net.identity import shown
from alexandria.net.retry import ContactMissing
from alexandria.net.ssrf import ELSEWHERE, Guard
from alexandria.store.objects import Objects, StoreFailed

PATIENCE: Final = 30.0  # seconds that a request waits for the pace
STORE_PAUSE: Final = timedelta(minutes=1)
_PRIVATE_URLS: Final = (USER, "isbndb")  # whose addresses are kept without their query: it may hold a token
_OPEN_TO_ALL: Final = (ELSEWHERE, GOOGLE, ISBNDB)  # buckets whose hosts refuse a picture by it, not us


@dataclass(slots=True)
class Sought:
    """What a search brought: a better cover with its pictures, whom was asked, who may answer later."""

    facts: Facts
    cover: Cover | None = None
    pictures: dict[Size, bytes] = field(default_factory=dict)
    tried: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[ProviderFailed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def best(self) -> Standing | None:
        """The cover that there is, or would be if this was the end."""
        kept = self.cover or self.facts.cover
        return kept.standing if kept else None

    def refuse(self, candidate: Candidate, reason: str) -> None:
        """Nothing; what a candidate has is no cover, or it is not asked."""
        self.refused.append(f"{candidate.provider}: {reason}")
        self.note(candidate, "refused", reason)

    def note(self, candidate: Candidate, outcome: str, reason: str | None = None) -> None:
        """Nothing; a candidate was asked."""
        row = {"provider": candidate.provider, "url": shown(candidate.url), "outcome": outcome, "reason": reason}
        self.tried.append({name: value for name, value in row.items() if value is not None})


class Seeker:
    """Searches for covers; nothing here holds a transaction."""

    def __init__(
        self, guard: Guard, commons: Commons, decoders: Decoders, objects: Objects, sites: Sites, passing: Passing
    ) -> None:
        self._guard, self._commons, self._passing = guard, commons, passing
        self._decoders, self._objects, self._sites = decoders, objects, sites

    async def seek(self, facts: Facts, lane: Lane, patience: float = PATIENCE) -> Sought:
        """What a search brings. The objects of a new cover are stored; its row is for the caller to write."""
        sought = Sought(facts)
        passing = self._passing.take(facts.isbn)
        for candidate in list_candidates(facts.answers, facts.cover_ids, facts.ocaids, self._sites, passing):
            if not is_worth_asking(candidate, sought.best):
                continue
            if any(each.url == kept_url(candidate) for each in facts.wrong if each.url):
                sought.refuse(candidate, "was marked wrong")
                continue
            await self._try(candidate, sought, lane, patience)
        if sought.cover:
            try:
                await self.put(sought.cover, sought.pictures)
            except StoreFailed as error:
                sought.cover = None
                sought.waiting.append(Unavailable("cover store", str(error), datetime.now(UTC) + STORE_PAUSE))
        return sought

    async def put(self, cover: Cover, pictures: dict[Size, bytes]) -> None:
        """Nothing; the cover's objects are stored. Raises StoreFailed."""
        await self._objects.put_all({object_key(cover.digest, size): pictures[size] for size in SIZES})

    async def _try(self, candidate: Candidate, sought: Sought, lane: Lane, patience: float) -> None:
        """Nothing; the candidate was asked, and became the best cover if it is better."""
        try:
            found = await self._fetch(candidate, lane, patience)
        except UrlRefused as error:
            sought.refuse(candidate, str(error))
        except ContactMissing as error:
            sought.note(candidate, "later", str(error))
        except ProviderFailed as error:
            if _is_refusal(error):
                sought.refuse(candidate, str(error))
            else:
                sought.waiting.append(error)
                sought.note(candidate, "later", str(error))
        else:
            if found is None:
                sought.note(candidate, "missing")
            else:
                await self._judge(candidate, *found, sought)

    async def _fetch(self, candidate: Candidate, lane: Lane, patience: float) -> tuple[bytes, File | None] | None:
        """The bytes of a candidate, with what Commons says of it; None when there is nothing."""
        file, url = None, candidate.url
        if candidate.file is not None:
            file = await self._commons.file(candidate.file, lane, patience)
            if file is None:
                return None
            url = file.url
        fetched = await self._guard.get(url, lane, expected=candidate.expected, patience=patience)
        return (fetched.body, file) if fetched else None

    async def _judge(self, candidate: Candidate, body: bytes, file: File | None, sought: Sought) -> None:
        found = await self.make(sought.facts, candidate, body, file)
        if isinstance(found, Refused):
            sought.refuse(candidate, found.message)
            return
        cover, pictures = found
        if is_better(cover.standing, sought.best):
            sought.cover, sought.pictures = cover, pictures
            sought.note(candidate, "taken")
        else:
            sought.note(candidate, "worse", f"has {cover.width}×{cover.height} pixels")

    async def make(
        self, facts: Facts, candidate: Candidate, body: bytes, file: File | None = None
    ) -> tuple[Cover, dict[Size, bytes]] | Refused:
        """The cover that bytes become for an ISBN, with its pictures, or the refusal."""
        if is_known(body):
            return Refused("placeholder", "is known to stand for no picture")
        rendered = await self._decoders.render(body)
        if isinstance(rendered, Refused):
            return rendered
        digest = digest_of(rendered.pictures)
        if facts.is_wrong(digest, rendered.look):
            return Refused("marked_wrong", "was marked wrong for this book")
        if digest in facts.placeholders:
            return Refused("placeholder", "was marked as no cover of any book")
        return _cover(facts.isbn, digest, rendered, candidate, file), dict(rendered.pictures)


def _is_refusal(error: ProviderFailed) -> bool:
    """Whether the same would come of it another time: what is there is no picture, or nobody is shown it."""
    if isinstance(error, Unauthorized):
        return error.bucket in _OPEN_TO_ALL
    return isinstance(error, Malformed) and not isinstance(error, CutShort)


def _cover(isbn: int, digest: bytes, rendered: Rendered, candidate: Candidate, file: File | None) -> Cover:
    return Cover(
        isbn=isbn,
        digest=digest,
        width=rendered.width,
        height=rendered.height,
        colour=rendered.colour,
        preview=rendered.preview,
        look=rendered.look,
        provider=candidate.provider,
        url=kept_url(candidate),
        page_url=file.page_url if file else candidate.page,
        licence=file.licence if file else None,
        licence_url=file.licence_url if file else None,
        author=file.author if file else None,
    )


def kept_url(candidate: Candidate) -> str:
    """The address that is kept with a cover."""
    return shown(candidate.url) if candidate.provider in _PRIVATE_URLS else candidate.url
