"""The search for one cover: candidates asked one after the other until there is nothing better to be had.

A failure is never read as an absence: who could not answer is told apart from who has nothing, so that the search can
be made again when it may go better.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from alexandria.covers.choose import Standing, is_better, is_worth_asking
from alexandria.covers.commons import Commons, File
from alexandria.covers.find import USER, Candidate, Sites, list_candidates
from alexandria.covers.keys import SIZES, digest_of, object_key
from alexandria.covers.placeholders import is_known
from alexandria.covers.pool import Decoders
from alexandria.covers.result import Refused, Rendered
from alexandria.covers.store import Cover, Facts, is_placeholder
from alexandria.db import Database
from alexandria.errors import ProviderFailed, Unauthorized
from alexandria.net.addresses import UrlRefused
from alexandria.net.gate import Lane
from alexandria.net.identity import shown
from alexandria.net.retry import ContactMissing
from alexandria.net.ssrf import ELSEWHERE, Fetched, Guard
from alexandria.net.verdict import Faltered
from alexandria.store.objects import Objects

PATIENCE: Final = 30.0  # seconds that a request waits for the pace
_PRIVATE_URLS: Final = (USER, "isbndb")  # whose addresses are kept without their query: it may hold a token


@dataclass(slots=True)
class Sought:
    """What a search brought: a better cover with its pictures, whom was asked, who may answer later."""

    facts: Facts
    cover: Cover | None = None
    pictures: dict[str, bytes] = field(default_factory=dict)
    tried: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[ProviderFailed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def best(self) -> Standing | None:
        """The cover that there is, or would be if this was the end."""
        kept = self.cover or self.facts.cover
        return kept.standing if kept else None

    def note(self, candidate: Candidate, outcome: str, reason: str | None = None) -> None:
        """Nothing; a candidate was asked."""
        row = {"provider": candidate.provider, "url": shown(candidate.url), "outcome": outcome, "reason": reason}
        self.tried.append({name: value for name, value in row.items() if value is not None})


class Seeker:
    """Searches for covers; nothing here holds a transaction."""

    def __init__(
        self,
        database: Database,
        guard: Guard,
        commons: Commons | None,
        decoders: Decoders,
        objects: Objects,
        sites: Sites,
    ) -> None:
        self._database, self._guard, self._commons = database, guard, commons
        self._decoders, self._objects, self._sites = decoders, objects, sites

    async def seek(self, facts: Facts, lane: Lane, patience: float = PATIENCE) -> Sought:
        """What a search brings. The objects of a new cover are stored; its row is for the caller to write."""
        sought = Sought(facts)
        for candidate in list_candidates(facts.answers, facts.cover_ids, facts.ocaids, self._sites):
            if not is_worth_asking(candidate, sought.best):
                continue
            if any(each.url == kept_url(candidate) for each in facts.wrong if each.url):
                sought.note(candidate, "refused", "was marked wrong")
                continue
            await self._try(candidate, sought, lane, patience)
        if sought.cover:
            await self.put(sought.cover, sought.pictures)
        return sought

    async def put(self, cover: Cover, pictures: dict[str, bytes]) -> None:
        """Nothing; the cover's objects are stored. Raises StoreFailed."""
        for size in SIZES:
            await self._objects.put(object_key(cover.digest, size), pictures[size])

    async def _try(self, candidate: Candidate, sought: Sought, lane: Lane, patience: float) -> None:
        """Nothing; the candidate was asked, and became the best cover if it is better."""
        try:
            file = await self._file(candidate, lane, patience)
            url = file.url if isinstance(file, File) else candidate.url
            fetched = None
            if file is not Ellipsis:
                fetched = await self._guard.get(url, lane, expected=candidate.expected, patience=patience)
        except UrlRefused as error:
            sought.refused.append(str(error))
            sought.note(candidate, "refused", str(error))
        except ContactMissing as error:
            sought.note(candidate, "later", str(error))
        except ProviderFailed as error:
            self._note_failure(candidate, sought, error)
        else:
            if fetched is None:
                sought.note(candidate, "missing")
                return
            await self._judge(candidate, file if isinstance(file, File) else None, fetched, sought)

    async def _file(self, candidate: Candidate, lane: Lane, patience: float) -> Any:
        """The file at Commons that a candidate is; None for one from elsewhere, `...` for one that is not there."""
        if candidate.file is None:
            return None
        if self._commons is None:
            return ...
        return await self._commons.file(candidate.file, lane, patience) or ...

    async def _judge(self, candidate: Candidate, file: File | None, fetched: Fetched, sought: Sought) -> None:
        found = await self.make(sought.facts, candidate, fetched.body, file)
        if isinstance(found, Refused):
            sought.refused.append(f"what {candidate.provider} has {found.message}")
            sought.note(candidate, "refused", found.message)
            return
        cover, pictures = found
        if is_better(cover.standing, sought.best):
            sought.cover, sought.pictures = cover, pictures
            sought.note(candidate, "taken")
        else:
            sought.note(candidate, "worse", f"has {cover.width}×{cover.height} pixels")

    async def make(
        self, facts: Facts, candidate: Candidate, body: bytes, file: File | None = None
    ) -> tuple[Cover, dict[str, bytes]] | Refused:
        """The cover that bytes become for an ISBN, with its pictures, or the refusal."""
        if is_known(body):
            return Refused("placeholder", "is known to stand for no picture")
        rendered = await self._decoders.render(body)
        if isinstance(rendered, Refused):
            return rendered
        digest = digest_of(rendered.pictures)
        if facts.is_wrong(digest, rendered.look):
            return Refused("marked_wrong", "was marked wrong for this book")
        if await is_placeholder(self._database, digest):
            return Refused("placeholder", "was marked as no cover of any book")
        return _cover(facts.isbn, digest, rendered, candidate, file), dict(rendered.pictures)

    def _note_failure(self, candidate: Candidate, sought: Sought, error: ProviderFailed) -> None:
        said = str(error)
        if isinstance(error, Unauthorized) and error.bucket == ELSEWHERE:
            sought.refused.append(said)
            sought.note(candidate, "refused", said)
        else:
            sought.waiting.append(error)
            sought.note(candidate, "later", said)


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


def pause_of(errors: list[ProviderFailed]) -> tuple[datetime | None, bool]:
    """When the first of those who could not answer may be asked again (None: they do not say), and whether one broke.

    What broke on the wire costs an attempt; what is only asked to wait does not.
    """
    times = [error.retry_at for error in errors if error.retry_at]
    return min(times, default=None), any(isinstance(error, Faltered) and not error.retry_at for error in errors)
