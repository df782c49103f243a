"""Which work and authors an edition belongs to, where only its title and the names of its authors are known.

Known ones are linked by `match`; for others numbers of our own are made, one for each key that equal ones share, so
that workers which meet the same author at the same time end with one. Reads and writes inside the caller's
transaction; what was decided is an answer like any other, by the provider `match`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.biblio.keys import format_key
from alexandria.db import Transaction, load_statements
from alexandria.enrichment.fields import MATCH, SELF
from alexandria.enrichment.match import KnownAuthor, KnownWork, Score, author_key, best
from alexandria.enrichment.store import Write
from alexandria.enrichment.works import Unlinked, authors_of, match_works

SQL = load_statements(__package__)
MOST_WORKS = 1_000  # of one author that are compared
Said = Mapping[int, Sequence[tuple[str, EditionAnswer]]]  # by ISBN: each answer with its provider


@dataclass(slots=True)
class Links:
    """What is to be written: answers, and the authors of the works that are new."""

    writes: list[Write] = field(default_factory=list)
    authors_of_works: dict[int, list[int]] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)  # new works that no author's list shows
    listed: list[int] = field(default_factory=list)  # works that no list showed until now


async def link(transaction: Transaction, said: Said, sorts: Mapping[int, str] = MappingProxyType({})) -> Links:
    """What links these editions to works and authors, known or of ours; nothing for those that have a work already.

    `sorts`: by ISBN what is no edition of a work as others are. Such a one gets a work of its own sort, which is not
    listed; only a translation may turn out to be of a known work.
    """
    editions = await _unlinked(transaction, said)
    for edition in editions:
        edition.sort = sorts.get(edition.isbn)
    links = Links()
    if editions:
        await _link_authors(transaction, editions, links)
        await _link_works(transaction, editions, links)
    return links


async def write_links(transaction: Transaction, links: Links) -> None:
    """Nothing; the new works have their authors. After the answers were stored."""
    if links.listed:
        await transaction.execute(SQL["list_works"], {"ids": sorted(links.listed)})
    if links.authors_of_works:
        rows = [
            {"work_id": work, "author_ids": ids, "listed": work not in links.unlisted}
            for work, ids in sorted(links.authors_of_works.items())
        ]
        await transaction.execute(SQL["set_work_authors"], {"rows": msgspec.json.encode(rows).decode()})


async def _unlinked(transaction: Transaction, said: Said) -> list[Unlinked]:
    """The editions that neither the mirror nor an answer puts under a work, and of which enough is said."""
    candidates = {}
    for isbn, answers in said.items():
        if any(answer.work_number for _, answer in answers):
            continue
        told = next((each for each in answers if each[1].title and each[1].authors), None)
        if told:
            candidates[isbn] = told
    if not candidates:
        return []
    rows = await transaction.fetch(SQL["find_unlinked"], {"isbns": sorted(candidates)})
    return [Unlinked(isbn, *candidates[isbn]) for (isbn,) in rows]


# --- authors ------------------------------------------------------------------------------------------------


async def _link_authors(transaction: Transaction, editions: Sequence[Unlinked], links: Links) -> None:
    people = [person for edition in editions for person in edition.answer.authors]
    candidates = await authors_named(transaction, {name for person in people for name in _spellings(person.name)})
    by_key = await _numbers(transaction, "author", (author_key(person.name) for person in people))
    minted: dict[str, tuple[Person, str]] = {}
    for edition in editions:
        for person in edition.answer.authors:
            key = author_key(person.name)
            if person.number is None and key and key not in by_key and not best(person, candidates):
                minted.setdefault(key, (person, edition.provider))
    new = await _mint(transaction, "author", minted)
    by_key |= new
    for key, number in new.items():
        person, provider = minted[key]
        fields: dict[str, Any] = {"name": person.name}
        if person.identifiers:
            fields["identifiers"] = {scheme: list(values) for scheme, values in person.identifiers.items()}
        links.writes.append(Write("author", number, provider, SELF, fields, operation="mint"))
    for edition in editions:
        found = (_number_of(person, candidates, by_key) for person in edition.answer.authors)
        edition.authors = list(dict.fromkeys(number for number in found if number is not None))


def _number_of(person: Person, candidates: Sequence[KnownAuthor], by_key: Mapping[str, int]) -> int | None:
    if person.number is not None:
        return person.number
    if matched := best(person, candidates):
        return matched[0].number
    return by_key.get(author_key(person.name) or "")


def _spellings(name: str) -> Iterable[str]:
    """The name in lower case, as it is written and the other way round."""
    plain = " ".join(name.lower().split())
    yield plain
    last, comma, first = plain.partition(", ")
    if comma:
        yield f"{first} {last}"


async def authors_named(transaction: Transaction, names: set[str]) -> list[KnownAuthor]:
    rows = await transaction.fetch(SQL["find_authors_by_name"], {"names": sorted(names)})
    return [known_author(number, msgspec.json.decode(fields)) for number, fields in rows]


def known_author(number: int, fields: Mapping[str, Any]) -> KnownAuthor:
    return KnownAuthor(
        number,
        fields.get("name") or "",
        fields.get("alternate_names") or (),
        fields.get("birth_year"),
        fields.get("death_year"),
        fields.get("identifiers") or {},
    )


# --- works --------------------------------------------------------------------------------------------------


async def _link_works(transaction: Transaction, editions: Sequence[Unlinked], links: Links) -> None:
    authors = {number for edition in editions for number in edition.authors}
    keys = [edition.key for edition in editions]  # read before anybody has to wait for us
    await transaction.fetch(SQL["lock_lists"], {"ids": sorted(authors)})  # or two would make one work of two titles
    candidates = await works_of(transaction, authors)
    by_key = await _numbers(transaction, "work", keys)
    minted = match_works(editions, candidates, by_key)
    await _list_works(transaction, editions, by_key, links)
    new = await _mint(transaction, "work", minted)
    by_key |= new
    for key, number in new.items():
        first = minted[key]
        links.authors_of_works[number] = authors_of(key, first, editions)
        if first.sort:
            links.unlisted.add(number)
        links.writes.append(Write("work", number, first.provider, SELF, _work_fields(first), operation="mint"))
    for edition in editions:
        work = edition.work or by_key.get(edition.made or edition.key or "")
        if work is not None:
            fields = {"work_key": format_key("work", work)}
            links.writes.append(
                Write("edition", edition.isbn, MATCH, SELF, fields, operation="link", record=_why(edition.score))
            )


async def _list_works(
    transaction: Transaction, editions: Sequence[Unlinked], by_key: Mapping[str, int], links: Links
) -> None:
    """Nothing; works that were thought to be translations, and are works after all, are to be listed."""
    plain = {key: edition for edition in editions if edition.sort is None and (key := edition.key)}
    met = {by_key[key]: edition for key, edition in plain.items() if key in by_key}
    for (work,) in await transaction.fetch(SQL["find_unlisted"], {"ids": sorted(met)}) if met else []:
        links.listed.append(work)
        fields = {"metadata": {"class": "work"}}
        links.writes.append(Write("work", work, met[work].provider, SELF, fields, operation="list"))


def _work_fields(edition: Unlinked) -> dict[str, Any]:
    said = edition.answer
    authors = [{"name": person.name} for person in said.authors]
    sort = {"class": edition.sort} if edition.sort else None
    fields = {"title": said.title, "subtitle": said.subtitle, "authors": authors, "metadata": sort}
    return {name: value for name, value in fields.items() if value}


def _why(score: Score | None) -> str:
    """The score of a match with its reasons, to be kept."""
    if score is None:
        return "of ours: the same title and author, or nothing that is known agrees"
    return f"{score.value:.2f}: " + ", ".join(f"{reason.name} {reason.value:.2f}" for reason in score.reasons)


async def works_of(transaction: Transaction, authors: set[int]) -> dict[int, list[KnownWork]]:
    """The works of each author that is known, each with that author."""
    params = {"ids": sorted(authors), "most": MOST_WORKS}
    found: dict[int, list[KnownWork]] = {}
    for author, name, work, title, subtitle, year in await transaction.fetch(SQL["find_works_of_authors"], params):
        known = KnownWork(work, title or "", subtitle, year, (KnownAuthor(author, name or ""),))
        found.setdefault(author, []).append(known)
    return found


# --- numbers of ours ----------------------------------------------------------------------------------------


async def _numbers(transaction: Transaction, kind: str, keys: Iterable[str | None]) -> dict[str, int]:
    """The numbers that were made for these keys before."""
    wanted = sorted({key for key in keys if key})
    rows = await transaction.fetch(SQL["find_minted"], {"kind": kind, "keys": wanted})
    return {key: number for key, number in rows}


async def _mint(transaction: Transaction, kind: str, keys: Iterable[str]) -> dict[str, int]:
    """A number for each key: a new one, or that which another transaction made meanwhile."""
    wanted = sorted(keys)  # in one order, so that nobody waits in a circle
    if not wanted:
        return {}
    await transaction.execute(SQL["mint"], {"kind": kind, "keys": wanted})
    return await _numbers(transaction, kind, wanted)
