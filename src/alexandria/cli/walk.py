"""The walk of `demo`: questions that show what the service does, and what each answer must be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from alexandria.biblio.isbn import hyphenate, isbn10, parse_isbn
from alexandria.cli.address import Answer, ask
from alexandria.errors import AlexandriaError
from alexandria.sample.catalogue import sample_isbns


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
    yield Question("a book that nobody here knows", isbn_path(isbns.miss), _problem, status=404)


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


def _problem(found: Any) -> str:
    return str(msgspec.json.encode(found).decode())
