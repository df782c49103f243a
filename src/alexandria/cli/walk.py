"""The walk of `demo`: questions that show what the service does, and what each answer must be."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from alexandria.biblio.isbn import hyphenate, isbn10, parse_isbn
from alexandria.cli.address import Answer, ask
from alexandria.errors import AlexandriaError
from alexandria.sample.catalogue import sample_isbns
from alexandria.sample.numbers import nth_isbn

FIRST_MISS, MOST_MISSES = 1_000, 200  # synthetic editions beyond those of the sample catalogue
JOB_SECONDS = 60.0


class WalkFailed(AlexandriaError):
    """An answer was not what the sample catalogue must give."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, what it shows, the status it must get, and how its answer is told in a line."""

    shows: str
    path: str
    tell: Callable[[Any], str]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A question with its answer."""

    shows: str
    path: str
    status: int
    milliseconds: float
    answer: str


def isbn_path(text: str) -> str:
    return f"/api/isbn?isbn={quote(text)}"


def walk(host: str, port: int) -> Iterator[Told]:
    """Each question with its answer, as it comes. Raises WalkFailed at the first wrong one."""
    for question in _questions(host, port):
        yield _tell(question, _answer(host, port, question))
    yield from _miss_becomes_hit(host, port)


def _questions(host: str, port: int) -> Iterator[Question]:
    isbns = sample_isbns()
    yield Question("a book, by ISBN-13", isbn_path(isbns.hit), _edition)
    for form, text in _forms(parse_isbn(isbns.hit)):
        yield Question(f"the same, {form}", isbn_path(text), _edition)
    yield Question("a translation", isbn_path(isbns.translated), _edition)
    yield Question("a title in another script", isbn_path(isbns.script), _edition)
    yield Question("the same, as ISBN-10", isbn_path(str(isbn10(parse_isbn(isbns.script)))), _edition)
    yield Question("recorded with an ISBN-10 only", isbn_path(isbns.isbn10_only), _edition)
    yield Question("an ISBN of two editions: the fuller record answers", isbn_path(isbns.shared), _edition)
    yield Question("its work was merged, twice", isbn_path(isbns.redirected), _edition)
    edition = _decode(_answer(host, port, Question("", isbn_path(isbns.many_editions), _edition)))["results"][0]
    work, author = edition["work"]["key"], edition["authors"][0]["key"]
    yield Question("a work", f"/api/works/{work}", _work)
    yield Question("and its editions", f"/api/works/{work}/editions", _editions)
    yield Question("its author", f"/api/authors/{author}", lambda found: f"{found['name']} ({found['key']})")


def _miss_becomes_hit(host: str, port: int) -> Iterator[Told]:
    """A book that is not here yet: missed, asked for, found, explained, with its cover.

    One that no provider knows, or can be asked about today, or has no picture of, is passed over.
    """
    for index in range(FIRST_MISS, FIRST_MISS + MOST_MISSES):
        number = nth_isbn(index)
        first = ask(host, port, isbn_path(str(number))) if number else None
        if number is None or first is None or first.status != 404:
            continue  # an earlier walk asked for it
        missed = _tell(Question("a book that is not here yet", isbn_path(str(number)), _missed, 404), first)
        path = _decode(first)["status_url"]
        if path is None:
            raise WalkFailed(f"a book that is not here was not queued: {first.body[:200]!r}")
        job = _wait_for_job(host, port, path)
        cover = _wait_for_cover(host, port, number) if _decode(job)["status"] == "completed" else None
        if cover is None:
            continue
        yield missed
        yield _tell(Question("the job that asked for it", path, _job), job)
        hit = Question("and now it is here", isbn_path(str(number)), _edition)
        yield _tell(hit, _answer(host, port, hit))
        why = Question("where each of its fields is from", f"/api/explain/edition/{number}", _explained)
        yield _tell(why, _answer(host, port, why))
        yield _tell(Question("the search for its cover", _cover_path(number), _cover), cover)
        yield _show_picture(host, port, number)
        return
    raise WalkFailed(
        f"none of {MOST_MISSES} books that are not here was found by a provider; see `alexandria queue list`"
    )


def _wait_for_job(host: str, port: int, path: str) -> Answer:
    """The job's status once it is over, or waits for a provider's day. Raises WalkFailed when it takes too long."""
    deadline = time.monotonic() + JOB_SECONDS
    while time.monotonic() < deadline:
        answer = _answer(host, port, Question("", path, _job))
        job = _decode(answer)
        if job["status"] in ("completed", "failed") or (job["status"] == "pending" and job["error_message"]):
            return answer
        time.sleep(0.05)
    raise WalkFailed(f"{path} was not done within {JOB_SECONDS:.0f} s: is a worker running?")


def _cover_path(number: int) -> str:
    return f"/api/covers/status/{number}"


def _wait_for_cover(host: str, port: int, number: int) -> Answer | None:
    """How the book's cover stands when it is stored; None when it is not to be had."""
    deadline = time.monotonic() + JOB_SECONDS
    while time.monotonic() < deadline:
        answer = _answer(host, port, Question("", _cover_path(number), _cover))
        status = _decode(answer)["status"]
        if status not in ("pending", "processing"):
            return answer if status == "stored" else None
        time.sleep(0.05)
    return None


def _show_picture(host: str, port: int, number: int) -> Told:
    question = Question("and the picture", f"/covers/{number}/medium", str)
    answer = ask(host, port, question.path, accept="image/webp")
    if answer is None or answer.status != 200 or answer.body[8:12] != b"WEBP":
        raise WalkFailed(f"{question.path} shows no picture; see the messages above")
    text = f"WebP, {len(answer.body):,} bytes"
    return Told(question.shows, question.path, answer.status, round(answer.milliseconds, 1), text)


def _forms(number: int) -> Iterator[tuple[str, str]]:
    if hyphenated := hyphenate(number):
        yield "with hyphens", hyphenated
    if ten := isbn10(number):
        yield "as ISBN-10", ten


def _answer(host: str, port: int, question: Question) -> Answer:
    answer = ask(host, port, question.path)
    if answer is None:
        raise WalkFailed(f"no answer to {question.path}; see the messages above")
    if answer.status != question.status:
        raise WalkFailed(
            f"{question.path} answered {answer.status} instead of {question.status}: {answer.body[:200]!r}"
        )
    return answer


def _tell(question: Question, answer: Answer) -> Told:
    try:
        text = question.tell(_decode(answer))
    except (LookupError, TypeError) as error:
        raise WalkFailed(f"{question.path} answered without {error}: {answer.body[:200]!r}") from error
    return Told(question.shows, question.path, answer.status, round(answer.milliseconds, 1), text)


def _decode(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except msgspec.DecodeError as error:
        raise WalkFailed(f"an answer is no JSON: {answer.body[:200]!r}") from error


def _edition(found: Any) -> str:
    edition = found["results"][0]
    authors = ", ".join(author["name"] for author in edition["authors"])
    facts = (edition["title"], authors, edition["publisher"], edition["publication_date"], edition["key"])
    return " · ".join(fact for fact in facts if fact)


def _work(found: Any) -> str:
    return (
        f"{found['title']} · first published {found['first_publication_year'] or 'in an unknown year'} · {found['key']}"
    )


def _editions(found: Any) -> str:
    editions = found["results"]
    languages = sorted({edition["language"] for edition in editions if edition["language"]})
    return f"{len(editions)} editions, in {', '.join(languages)}"


def _missed(found: Any) -> str:
    return f"{found['detail']} {found['status_url']}"


def _job(found: Any) -> str:
    asked, knew = found["providers_attempted"], found["providers_succeeded"]
    return f"{found['status']} · asked {', '.join(asked) or 'nobody'} · found by {', '.join(knew) or 'nobody'}"


def _cover(found: Any) -> str:
    return f"{found['status']} · {found['width']}×{found['height']} · from {found['provider']} · {found['colour']}"


def _explained(found: Any) -> str:
    fields = found["fields"]
    told = (f"{name} by {fields[name]['provider']}" for name in ("title", "publisher", "page_count") if name in fields)
    return " · ".join([*told, f"{len(fields)} fields in all"])
