"""From records to the rows of the mirror's tables, as columns by name: what `parse` writes as COPY text. Pure."""

from collections.abc import Callable
from typing import Any

from alexandria.biblio.records import Author, Edition, Record, Redirect, Work, completeness

Row = dict[str, Any]


def row_of(record: Record, modified: str | None, revision: int) -> Row:
    """The row of a record; absent values are None. `modified` is ISO, UTC without a zone."""
    return {"modified": modified, "revision": revision, **_MAKERS[type(record)](record)}


def _author(author: Author) -> Row:
    return {"id": author.number, "name": author.name, "data": dict(author.details)}


def _work(work: Work) -> Row:
    return {
        "id": work.number,
        "year": work.year,
        "author_ids": list(work.authors) or None,
        "title": work.title,
        "subtitle": work.subtitle,
        "data": dict(work.details),
    }


def _edition(edition: Edition) -> Row:
    return {
        "id": edition.number,
        "work_id": edition.work,
        "pages": edition.pages,
        "year": edition.year,
        "completeness": completeness(edition),
        "isbns": list(edition.isbns) or None,
        "author_ids": list(edition.authors) or None,
        "title": edition.title,
        "subtitle": edition.subtitle,
        "publisher": edition.publisher,
        "publish_date": edition.publish_date,
        "format": edition.format,
        "language": edition.language,
        "data": dict(edition.details),
    }


def _redirect(redirect: Redirect) -> Row:
    kind, number = redirect.target or (None, None)
    return {
        "kind": redirect.kind,
        "id": redirect.number,
        "target_kind": kind,
        "target_id": number,
        "isbns": list(redirect.isbns) or None,
    }


_MAKERS: dict[type, Callable[[Any], Row]] = {Author: _author, Work: _work, Edition: _edition, Redirect: _redirect}
