"""Alexandria's answers: readers that give what an answer says, and raise what it means. Pure.

An absence is only what Alexandria itself says is one, never the 404 of a proxy.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, Literal, TypeVar

import msgspec

from alexandria.client.errors import BadRequest, Broken, Malformed, NotAllowed, Throttled
from alexandria.client.messages import Reply
from alexandria.client.models import (
    Author,
    AuthorName,
    Edition,
    EntityType,
    IsbnResult,
    JobStatus,
    NormalizedResponse,
    Queued,
    Work,
    Written,
)

Shape = TypeVar("Shape")
_ABSENT: Final = (404, 410)


class _FieldError(msgspec.Struct):
    field: str
    message: str


class _Problem(msgspec.Struct):
    status: int
    error: str
    detail: str = ""
    errors: list[_FieldError] = []


class _Lookup(msgspec.Struct):
    results: list[Edition]


class _Item(msgspec.Struct):
    isbn: str
    status: Literal["found", "queued", "missing", "deleted", "invalid"]
    edition: Edition | None = None
    job_id: str | None = None
    message: str | None = None


class _Batch(msgspec.Struct):
    results: list[_Item]


class _Found(msgspec.Struct):
    """A work with its best edition; one of them may be unknown."""

    work: Work | None
    edition: Edition | None


class _Page(msgspec.Struct):
    results: list[_Found]
    next: str | None = None


class _WriteResult(msgspec.Struct):
    created: bool
    fields_updated: tuple[str, ...]
    quality: int
    completeness: int | None = None


_RECORDS: Final[Mapping[EntityType, type[Edition] | type[Work] | type[Author]]] = {
    "edition": Edition, "work": Work, "author": Author,
}  # fmt: skip


def read_isbn(reply: Reply) -> NormalizedResponse | None:
    """The edition of an ISBN; None where Alexandria knows none (any more)."""
    if _is_absent(reply):
        return None
    results = _decode(reply, _Lookup).results
    if not results:
        raise Malformed(reply.name, "answered 200 without a result")
    return of_edition(results[0])


def read_isbns(reply: Reply) -> list[IsbnResult]:
    """What each ISBN of a batch came to, in order."""
    return [
        IsbnResult(
            isbn=item.isbn,
            status="failed" if item.status == "found" and item.edition is None else item.status,
            response=of_edition(item.edition) if item.edition else None,
            job_id=item.job_id,
            message=item.message,
        )
        for item in _known(reply, _Batch).results
    ]


def read_work(reply: Reply) -> NormalizedResponse | None:
    return None if _is_absent(reply) else of_work(_decode(reply, Work))


def read_author(reply: Reply) -> NormalizedResponse | None:
    return None if _is_absent(reply) else of_author(_decode(reply, Author))


def read_search(reply: Reply) -> NormalizedResponse:
    """A page of what was found, the best first: works, the best edition of each, their authors; empty for none."""
    page = _known(reply, _Page)
    works = tuple(found.work for found in page.results if found.work)
    editions = tuple(found.edition for found in page.results if found.edition)
    names = [work.authors for work in works] + [edition.authors for edition in editions]
    authors = _named([*dict.fromkeys(chain.from_iterable(names))])
    return NormalizedResponse(source="alexandria", works=works, editions=editions, authors=authors, next=page.next)


def read_written(reply: Reply, kind: EntityType) -> Written:
    """The record after a write."""
    result = _known(reply, _WriteResult)
    record = _decode(reply, _RECORDS[kind])
    response = _normalized(record)
    return Written(
        response=response,
        created=result.created,
        fields_updated=result.fields_updated,
        quality=result.quality,
        completeness=result.completeness,
    )


def read_queued(reply: Reply) -> Queued:
    return _known(reply, Queued)


def read_job(reply: Reply) -> JobStatus | None:
    return None if _is_absent(reply) else _decode(reply, JobStatus)


def of_edition(edition: Edition) -> NormalizedResponse:
    """An edition with its work and authors, as an answer of Alexandria."""
    works = (edition.work,) if edition.work else ()
    return NormalizedResponse(source="alexandria", editions=(edition,), works=works, authors=_named(edition.authors))


def of_work(work: Work) -> NormalizedResponse:
    return NormalizedResponse(source="alexandria", works=(work,), authors=_named(work.authors))


def of_author(author: Author) -> NormalizedResponse:
    return NormalizedResponse(source="alexandria", authors=(author,))


def _normalized(record: Edition | Work | Author) -> NormalizedResponse:
    if isinstance(record, Edition):
        return of_edition(record)
    return of_work(record) if isinstance(record, Work) else of_author(record)


def _named(names: Sequence[AuthorName]) -> tuple[Author, ...]:
    return tuple(Author(key=each.key, name=each.name) for each in names)


def _is_absent(reply: Reply) -> bool:
    """Whether Alexandria itself says that there is no such record. Raises for every other refusal."""
    if reply.status in _ABSENT:
        if _problem(reply) is None:
            raise Malformed(reply.name, f"answered {reply.status}, but not as Alexandria does; is base_url right?")
        return True
    _check(reply)
    return False


def _known(reply: Reply, shape: type[Shape]) -> Shape:
    _check(reply)
    return _decode(reply, shape)


def _decode(reply: Reply, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(reply.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reply.name, f"what it answers is not what it documents ({error}); is base_url right?") from None


def _problem(reply: Reply) -> _Problem | None:
    """The problem document of a refusal, if it is one of Alexandria's."""
    try:
        found = msgspec.json.decode(reply.body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.status == reply.status else None


def _check(reply: Reply) -> None:
    """Nothing for an answer that went well; raises what every other one means."""
    status = reply.status
    if status in (200, 201):
        return
    problem = _problem(reply)
    said = problem.detail or problem.error if problem else ""
    if status == 429:
        raise Throttled(reply.name, said or "too many requests; ask less often", reply.retry_after)
    if status >= 500:
        raise Broken(reply.name, status, said, reply.retry_after)
    if problem is None:
        raise Malformed(reply.name, f"answered {status}, but not as Alexandria does; is base_url right?")
    if status in (401, 403):
        raise NotAllowed(f"{reply.name}: {said}")
    raise BadRequest(f"{reply.name}: {said}", {each.field: each.message for each in problem.errors})
