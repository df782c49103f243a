"""What the client gives: frozen records of one shape, whoever the answer is from.

What is not known is None, or empty. Fields that a newer Alexandria adds are left out.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

import msgspec

Source = Literal["alexandria", "google-books"]
State = Literal["closed", "open", "half-open"]
EntityType = Literal["work", "edition", "author"]
CoverSize = Literal["large", "medium", "small"]
Identifiers = Mapping[str, tuple[str, ...]]


class AuthorName(msgspec.Struct, frozen=True):
    """An author as named on a work or edition."""

    key: str | None = None
    name: str | None = None


class Contributor(msgspec.Struct, frozen=True):
    """Somebody who took part, not as the author."""

    name: str | None = None
    role: str | None = None


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who wrote. Of an author who is only named on a book, key and name are all there is."""

    key: str | None = None
    name: str | None = None
    alternate_names: tuple[str, ...] = ()
    gender: str | None = None
    nationality: str | None = None
    birth_date: str | None = None
    death_date: str | None = None
    birth_year: int | None = None
    death_year: int | None = None
    bio: str | None = None
    bio_url: str | None = None
    author_photo_url: str | None = None
    identifiers: Identifiers = {}
    updated_at: str | None = None


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a book's editions have in common. `key` is None where it is not in Alexandria."""

    key: str | None = None
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[AuthorName, ...] = ()
    description: str | None = None
    original_language: str | None = None
    first_publication_year: int | None = None
    subjects: tuple[str, ...] = ()
    subject_places: tuple[str, ...] = ()
    subject_people: tuple[str, ...] = ()
    subject_times: tuple[str, ...] = ()
    cover_url_large: str | None = None
    cover_url_medium: str | None = None
    cover_url_small: str | None = None
    updated_at: str | None = None


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """One published form of a work. `work` is as much of it as comes with an edition."""

    isbn13: str | None = None
    isbn10: str | None = None
    key: str | None = None
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[AuthorName, ...] = ()
    work: Work | None = None
    publisher: str | None = None
    publishers: tuple[str, ...] = ()
    publication_date: str | None = None
    page_count: int | None = None
    format: str | None = None
    language: str | None = None
    description: str | None = None
    subjects: tuple[str, ...] = ()
    identifiers: Identifiers = {}
    cover_url_large: str | None = None
    cover_url_medium: str | None = None
    cover_url_small: str | None = None
    contributors: tuple[Contributor, ...] = ()
    series: tuple[str, ...] = ()
    completeness: int | None = None
    updated_at: str | None = None


class NormalizedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody knows, in one shape. `source` says who; `link` is the page to name with what is Google's.

    `next` is the cursor of the next page of a search.
    """

    source: Source
    works: tuple[Work, ...] = ()
    editions: tuple[Edition, ...] = ()
    authors: tuple[Author, ...] = ()
    link: str | None = None
    next: str | None = None

    @property
    def edition(self) -> Edition | None:
        """The first edition."""
        return self.editions[0] if self.editions else None


class IsbnResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one ISBN of many came to; `isbn` is as it was asked.

    found: see `response`. queued: not known, Alexandria asks others (`job_id`). missing: nobody knows it. deleted: it
    was, at Open Library. invalid: no ISBN. failed: nobody could be asked (`message` says why), so nothing is known.
    """

    isbn: str
    status: Literal["found", "queued", "missing", "deleted", "invalid", "failed"]
    response: NormalizedResponse | None = None
    job_id: str | None = None
    message: str | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The record as it is after a write, and what the write did to it. `quality` is that of what was sent."""

    response: NormalizedResponse
    created: bool
    fields_updated: tuple[str, ...]
    quality: int
    completeness: int | None = None


class Queued(msgspec.Struct, frozen=True):
    """The job of a record, new or active already."""

    id: str
    status: str


class JobStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job is. completed: a provider knew the record; failed: nobody does, or it cannot be done."""

    id: str
    status: Literal["pending", "processing", "completed", "failed"]
    entity_type: str | None = None
    entity_key: str | None = None
    priority: int | None = None
    providers_to_try: tuple[str, ...] = ()
    providers_attempted: tuple[str, ...] = ()
    providers_succeeded: tuple[str, ...] = ()
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    error_message: str | None = None
    retry_count: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ("completed", "failed")


class HostHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a host stands. `failures` in a row; `retry_in` seconds until it is asked again, where its circuit is open."""

    state: State
    failures: int
    retry_in: float | None
    last_error: str | None
    requests: int
    retries: int


class GiveBackHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What was found elsewhere: how many finds wait to be given to Alexandria, were given, were lost."""

    waiting: int = 0
    given: int = 0
    lost: int = 0


class ClientHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How the client stands, without asking anybody. `google_books` is None where it is not used."""

    alexandria: HostHealth
    google_books: HostHealth | None
    give_back: GiveBackHealth


class _Fields(TypedDict, total=False):
    primary_provider: str
    lock: list[str]
    metadata: dict[str, Any]


class _Covers(TypedDict, total=False):
    cover_url_large: str
    cover_url_medium: str
    cover_url_small: str


class EditionFields(_Fields, _Covers, total=False):
    """What may be said about an edition; None and what is left out stay as they are."""

    work_key: str | None
    title: str | None
    subtitle: str | None
    authors: list[str] | None
    publisher: str | None
    publication_date: str | None
    page_count: int | None
    format: Literal["hardcover", "paperback", "ebook", "audiobook"] | None
    language: str | None
    description: str | None
    subject_tags: list[str] | None


class WorkFields(_Fields, _Covers, total=False):
    """What may be said about a work besides its title."""

    subtitle: str | None
    description: str | None
    original_language: str | None
    first_publication_year: int | None
    subject_tags: list[str] | None


class AuthorFields(_Fields, total=False):
    """What may be said about an author besides the name."""

    gender: Literal["Male", "Female", "NonBinary", "Unknown"] | None
    nationality: str | None
    birth_year: int | None
    death_year: int | None
    bio: str | None
    author_photo_url: str | None
