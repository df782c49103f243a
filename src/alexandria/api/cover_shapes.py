"""The shapes of requests and answers about covers."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from alexandria.api.problems import Problem

Isbn = Annotated[str, Meta(max_length=200, description="ISBN-10 or ISBN-13, with or without hyphens")]


class Tried(msgspec.Struct, omit_defaults=True):
    """One source that was asked for a cover. `outcome`: taken, worse than another one, missing, refused, later."""

    provider: str
    outcome: str
    url: str | None = None
    reason: str | None = None


class CoverStatus(msgspec.Struct):
    """The cover of an ISBN, and the search for it.

    `missing`: nobody has one; `refused`: what there was is no cover; `later`: somebody could not answer; `unknown`:
    never searched for. The licence and what to link to are to be shown with the picture where they are not null.
    """

    isbn13: str
    status: Literal["stored", "pending", "processing", "missing", "refused", "later", "unknown"]
    cover_url_large: str | None
    cover_url_medium: str | None
    cover_url_small: str | None
    hash: str | None
    width: int | None
    height: int | None
    colour: str | None
    preview: str | None
    provider: str | None
    page_url: str | None
    licence: str | None
    licence_url: str | None
    author: str | None
    stored_at: datetime | None
    reason: str | None
    tried: list[Tried]
    searched_at: datetime | None
    next_search_at: datetime | None
    job_id: str | None


class CoverQueueRequest(msgspec.Struct, forbid_unknown_fields=True):
    """1 to 100 ISBNs for which covers are to be searched."""

    isbns: list[Isbn]


class CoverQueued(msgspec.Struct):
    """What became of one ISBN; `message` says what is wrong with an invalid one."""

    isbn: str
    status: Literal["queued", "invalid"]
    job_id: str | None = None
    status_url: str | None = None
    message: str | None = None


class CoverQueueAnswer(msgspec.Struct):
    """One result for each ISBN, in the order asked."""

    results: list[CoverQueued]


class CoverOffer(msgspec.Struct, forbid_unknown_fields=True):
    """A picture that is the cover of an ISBN, by its address."""

    isbn: Isbn
    url: Annotated[str, Meta(max_length=2_048, description="http or https")]


class RefusedProblem(Problem, frozen=True, kw_only=True):
    """Why a picture is not taken, in one word and in words."""

    reason: str


class WrongCover(msgspec.Struct, forbid_unknown_fields=True):
    """The stored cover of an ISBN is not its cover; `everywhere`: of no book (needs the scope `admin`)."""

    isbn: Isbn
    everywhere: bool = False


class WrongAnswer(msgspec.Struct):
    """The ISBNs that have no cover any more; others are searched for."""

    isbns: list[str]


class Forgotten(msgspec.Struct):
    """How many pictures may be the ISBN's cover again."""

    forgotten: int
