"""The shapes of answers, for the OpenAPI document; a test holds every real answer against them."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from alexandria.biblio.classes import Class
from alexandria.enrichment.explain import Explanation


class AuthorName(msgspec.Struct):
    """An author as named on a work or edition; without a key where nobody knows more than the name."""

    key: str | None
    name: str | None


class WorkSummary(msgspec.Struct):
    """The work that an edition belongs to."""

    key: str
    title: str | None
    description: str | None
    subjects: list[str]
    first_publication_year: int | None


class Contributor(msgspec.Struct):
    """Somebody who took part, not as the author."""

    name: str
    role: str | None


class Edition(msgspec.Struct):
    """One edition of a book. What is not known is null or empty, never missing."""

    isbn13: str | None
    isbn10: str | None
    key: str | None
    title: str | None
    subtitle: str | None
    authors: list[AuthorName]
    work: WorkSummary | None
    publisher: str | None
    publishers: list[str]
    publication_date: str | None
    page_count: int | None
    format: Literal["hardcover", "paperback", "ebook", "audiobook"] | None
    language: str | None
    description: str | None
    subjects: list[str]
    identifiers: dict[str, list[str]]
    cover_url_large: str | None
    cover_url_medium: str | None
    cover_url_small: str | None
    contributors: list[Contributor]
    series: list[str]
    completeness: int
    updated_at: datetime | None


class InSeries(msgspec.Struct):
    """A series that a work is in, and which of it the work is, where that is known: "3", "1.5"."""

    name: str
    position: str | None


class Readers(msgspec.Struct):
    """What Open Library's readers say of a work: how many rated it (1 to 5, on the average), and have it on a shelf."""

    ratings: int
    average: float | None
    want_to_read: int
    reading: int
    have_read: int


class Work(msgspec.Struct, rename={"class_": "class"}):
    """What a book's editions have in common. `class`: null for a work; set, split, sampler, derived."""

    key: str
    title: str | None
    subtitle: str | None
    authors: list[AuthorName]
    description: str | None
    original_language: str | None
    first_publication_year: int | None
    subjects: list[str]
    subject_places: list[str]
    subject_people: list[str]
    subject_times: list[str]
    series: list[InSeries]
    readers: Readers | None
    class_: Class | None
    cover_url_large: str | None
    cover_url_medium: str | None
    cover_url_small: str | None
    updated_at: datetime | None


class Author(msgspec.Struct):
    """Somebody who wrote."""

    key: str
    name: str | None
    alternate_names: list[str]
    gender: Literal["Male", "Female", "NonBinary", "Unknown"] | None
    nationality: str | None
    birth_date: str | None
    death_date: str | None
    birth_year: int | None
    death_year: int | None
    bio: str | None
    bio_url: str | None
    author_photo_url: str | None
    identifiers: dict[str, list[str]]
    updated_at: datetime | None


class IsbnAnswer(msgspec.Struct):
    """The edition for an ISBN; `query` is the ISBN as asked."""

    query: str
    results: list[Edition]


class BatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """1 to 1,000 ISBNs in any written form."""

    isbns: Annotated[list[str], msgspec.Meta(examples=[["0140328726", "978-0-262-03384-8"]])]


class BatchItem(msgspec.Struct):
    """What one ISBN of a batch came to; `message` says what is wrong with an invalid one."""

    isbn: str
    status: Literal["found", "queued", "missing", "invalid", "deleted"]
    edition: Edition | None = None
    job_id: str | None = None
    message: str | None = None


class BatchAnswer(msgspec.Struct):
    """One result for each ISBN, in the order asked."""

    results: list[BatchItem]


class EditionPage(msgspec.Struct):
    """A page of editions; `next` is the cursor of the next one."""

    results: list[Edition]
    next: str | None


class WorkPage(msgspec.Struct):
    """A page of works; `next` is the cursor of the next one."""

    results: list[Work]
    next: str | None


class Stats(msgspec.Struct):
    """Row counts of the mirror, and how fresh it is."""

    mirror: dict[str, int]
    sync: dict[str, str | None]


class Health(msgspec.Struct):
    """`ok` when the process answers."""

    status: Literal["ok"]


class Ready(msgspec.Struct):
    """`ok` when the database answers and its schema is current.

    `mirror_age`: seconds since the newest record of the mirror's dump, null while nothing is loaded. `changes_lag`:
    seconds since Open Library's changes were read, null for never. `gaps`: stretches of time that could not be read.
    `behind`: records that are known to have changed and are not here yet.
    """

    status: Literal["ok"]
    mirror_age: float | None
    changes_lag: float | None
    gaps: int
    behind: int


class OpenAlert(msgspec.Struct):
    """Something that is wrong. `subject` is what it is about, `value` the number that the rule looks at, `runbook` the
    name of the page that says what to do.
    """

    rule: str
    subject: str
    severity: Literal["info", "warning", "critical"]
    summary: str
    runbook: str
    value: float | None
    raised_at: datetime
    last_seen_at: datetime


class Alerts(msgspec.Struct):
    """What is wrong now, the worst first."""

    alerts: list[OpenAlert]


class EditionWritten(Edition, kw_only=True):
    """The edition as it is after a write, and what the write did. `quality` is that of the caller's answer."""

    created: bool
    fields_updated: list[str]
    quality: int


class WorkWritten(Work, kw_only=True):
    """The work as it is after a write, and what the write did. `quality` is that of the caller's answer."""

    created: bool
    fields_updated: list[str]
    quality: int
    completeness: int


class AuthorWritten(Author, kw_only=True):
    """The author as it is after a write, and what the write did. `quality` is that of the caller's answer."""

    created: bool
    fields_updated: list[str]
    quality: int
    completeness: int


class TakenBack(msgspec.Struct):
    """The fields of the record that changed."""

    fields_updated: list[str]


class ExplainAnswer(msgspec.Struct):
    """Every field of a record with where it is from."""

    kind: Literal["edition", "work", "author"]
    key: str
    fields: dict[str, Explanation]


class MergeRequest(msgspec.Struct, rename={"from_": "from"}, forbid_unknown_fields=True):
    """Which record is to show as which other one, by their keys."""

    from_: Annotated[str, msgspec.Meta(max_length=1_000, description="Such as OL45804W or OL34184A")]
    into: Annotated[str, msgspec.Meta(max_length=1_000, description="Such as OL45804W or OL34184A")]


class MergeAnswer(msgspec.Struct, rename={"from_": "from"}):
    """A merge, by whose number it can be taken back."""

    id: int
    kind: Literal["work", "author"]
    from_: str
    into: str
    merged_at: datetime
