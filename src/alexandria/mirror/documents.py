"""The search index of a mirror that is being built: a document for each work, and the lexicon of their words. And,
since all titles pass here, the class of what is no work by its own words.

The database joins and sorts, Python folds (by the rules of those who search), and the rows go back by COPY. Several
processes share the works by their numbers; each goes from the popular to the others, so the table is about in that
order on disk, which searches rely on.
"""

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

import msgspec

from alexandria.biblio.finding import Document, lexicon_words
from alexandria.db import Connection, Statement, Transaction, connect, load_statements
from alexandria.errors import LoadFailed
from alexandria.mirror.made import Made, read_made

SQL = load_statements(__package__)
POLITE = 19  # niceness, as that of the processes that read the files
MOST_WORDS = 1_500_000  # that a process counts before it writes the counts down
LAST = 2**62  # above every work
BATCH = 2_000  # rows that are written at a time
NULL = "\\N"
COLUMNS = f"work_id, {', '.join(Document._fields)}, editions"


def derive_documents(connection: Connection, url: str, processes: int) -> None:
    """Nothing; `mirror_next` has its documents and lexicon. May run again after a crash. Raises LoadFailed."""
    with connection.transaction():
        connection.execute(
            "truncate mirror_next.documents, mirror_next.lexicon, mirror_next.work_classes, mirror_next.work_series"
        )
    ranges = _ranges(connection, max(processes, 1))
    if len(ranges) == 1:
        fill_range(url, *ranges[0])
    else:
        _fill_together(url, ranges)
    with connection.transaction():
        connection.execute(SQL["add_up_lexicon"].sql.encode())


def _ranges(connection: Connection, count: int) -> list[tuple[int, int]]:
    """That many ranges of works with about as many editions each; one when there is little to share."""
    shares = [place / count for place in range(1, count)]
    row = connection.execute(SQL["part_works"].sql, {"shares": shares}).fetchone()
    between = sorted(set(row[0])) if row and row[0] else []
    bounds = [-LAST, *between, LAST]
    return list(zip(bounds, bounds[1:], strict=False))


def _fill_together(url: str, ranges: Sequence[tuple[int, int]]) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fill_politely, args=(url, *each), daemon=True) for each in ranges]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise LoadFailed("a process that made the search index died; run the same command again: it resumes")


def _fill_politely(url: str, low: int, high: int) -> None:
    os.nice(POLITE)
    gc.disable()  # rows make no cycles
    loader = multiprocessing.parent_process()
    if loader is None or loader.is_alive():  # else another loader may fill the same range by now
        fill_range(url, low, high)


def fill_range(url: str, low: int, high: int) -> None:
    """Nothing; the documents of the works from `low` to before `high`, and the counts of their words, are in."""
    with connect(url) as source, connect(url) as target:
        source.execute("set work_mem = '192MB'")
        target.execute("set synchronous_commit = off")
        words = _Words(target)
        with source.cursor("told", binary=True) as cursor:
            cursor.itersize = BATCH
            cursor.execute(SQL["tell_documents"].sql.encode(), {"low": low, "high": high})
            _write_documents(target, words, read_made(cursor))
        words.flush()


def _write_documents(target: Connection, words: "_Words", documents: Iterator[Made]) -> None:
    """In batches: the connection is also needed for the words."""
    while batch := list(islice(documents, BATCH)):
        _copy_documents(target, batch)
        words.count([made.document for made in batch])


def _copy_documents(connection: Connection, documents: Sequence[Made], schema: str = "mirror_next") -> None:
    _copy(connection, f"{schema}.documents ({COLUMNS})", map(_line, documents))
    classes = (f"{made.work}\t{made.told}\n" for made in documents if made.told)
    _copy(connection, f"{schema}.work_classes (work_id, class)", classes)
    series = (_series_line(row) for made in documents for row in made.series_rows())
    _copy(connection, f"{schema}.work_series (work_id, place, code, name, position)", series)


def _copy(connection: Connection, where: str, lines: Iterable[str]) -> None:
    if text := "".join(lines):
        with connection.cursor() as cursor, cursor.copy(f"copy {where} from stdin") as copy:
            copy.write(text)


def _line(made: Made) -> str:
    """A row in COPY's text form; folded text holds neither tabs nor backslashes, and its line breaks are escaped."""
    document = made.document
    return (
        f"{made.work}\t{document.popularity}\t{document.title_code}\t{_number(document.year)}\t"
        f"{_number(document.last_year)}\t{document.formats}\t{document.has_cover}\t{document.languages}\t"
        f"{document.title}\t{document.more}\t{document.authors}\t".replace("\n", "\\n")
        + f"{document.extra}\t{made.editions}\n"
    )


def _series_line(row: Mapping[str, Any]) -> str:
    name = row["name"].replace("\\", "\\\\")  # clean text holds neither tabs nor line breaks
    return f"{row['work_id']}\t{row['place']}\t{row['code']}\t{name}\t{row['position'] or NULL}\n"


def _number(value: int | None) -> str:
    return NULL if value is None else str(value)


class _Words:
    """How many documents have each word, in titles and in names."""

    def __init__(self, target: Connection) -> None:
        self._target = target
        self._titles: Counter[str] = Counter()
        self._authors: Counter[str] = Counter()

    def count(self, documents: Iterable[Document]) -> None:
        told = [lexicon_words(document) for document in documents]
        self._titles.update(chain.from_iterable(titles for titles, _ in told))
        self._authors.update(chain.from_iterable(authors for _, authors in told))
        if len(self._titles) + len(self._authors) > MOST_WORDS:
            self.flush()

    def flush(self) -> None:
        """Nothing; the counts are written down, and begin again."""
        statement = "copy mirror_next.lexicon from stdin"
        with self._target.cursor() as cursor, cursor.copy(statement) as copy:
            for word, count in self._titles.items():
                copy.write(f"{word}\t{count}\t{self._authors.pop(word, 0)}\n")
            for word, count in self._authors.items():
                copy.write(f"{word}\t0\t{count}\n")
        self._titles.clear()
        self._authors.clear()


def touched_works(connection: Connection, since: datetime) -> set[int]:
    """The works in `mirror_next` that records touched since then are part of."""
    params: dict[str, Any] = {"since": since}
    authors = [row[0] for row in connection.execute(SQL["list_touched_authors"].sql, params).fetchall()]
    works = connection.execute(SQL["list_touched_works"].sql, params).fetchall()
    works += connection.execute(SQL["list_works_of_authors"].sql, {"authors": authors}).fetchall()
    return {work for (work,) in works}


def replay_documents(connection: Connection, works: Iterable[int]) -> None:
    """Nothing; in `mirror_next` the documents of these works are made anew."""
    ordered = sorted(works)
    for start in range(0, len(ordered), BATCH):
        write_documents(connection, ordered[start : start + BATCH])


def write_documents(connection: Connection, works: Sequence[int], schema: str = "mirror_next") -> None:
    """Nothing; the documents of these works are made anew, in the caller's transaction."""
    params: Mapping[str, Any] = {"works": list(works)}

    def sql(name: str) -> bytes:
        return SQL[name].sql.replace("mirror_next.", f"{schema}.").encode()

    documents = list(read_made(connection.execute(sql("tell_some_documents"), params).fetchall()))
    connection.execute(sql("drop_documents"), params)
    _copy_documents(connection, documents, schema)
    connection.execute(sql("add_words"), _words_of(documents))


async def renew_documents(transaction: Transaction, works: Iterable[int]) -> None:
    """Nothing; the live mirror's documents of these works are made anew, in the transaction that changed them."""
    ordered = sorted(works)
    for start in range(0, len(ordered), BATCH):
        params = {"works": ordered[start : start + BATCH]}
        documents = list(read_made(await transaction.fetch(_live("tell_some_documents"), params)))
        await transaction.execute(_live("drop_documents"), params)
        rows = [{"work_id": made.work, **made.document._asdict(), "editions": made.editions} for made in documents]
        await transaction.execute(_live("add_documents"), {"rows": msgspec.json.encode(rows).decode()})
        told = {
            "classes": [{"work_id": made.work, "class": made.told} for made in documents if made.told],
            "series": [row for made in documents for row in made.series_rows()],
        }
        texts = {name: msgspec.json.encode(each).decode() for name, each in told.items()}
        await transaction.execute(_live("add_classes"), texts)
        await transaction.execute(_live("add_words"), _words_of(documents))


async def changed_works(transaction: Transaction, since: datetime) -> set[int]:
    """The works of the live mirror that are touched since then, or an edition of theirs."""
    return {work for (work,) in await transaction.fetch(_live("list_touched_works"), {"since": since})}


async def changed_names(transaction: Transaction, since: datetime) -> set[tuple[Any, ...]]:
    """The authors of the live mirror that are touched since then, with what documents have of them."""
    return {tuple(row) for row in await transaction.fetch(_live("list_touched_authors"), {"since": since})}


async def works_of(transaction: Transaction, authors: Iterable[int]) -> set[int]:
    """The works of these authors in the live mirror."""
    params = {"authors": sorted(authors)}
    return {work for (work,) in await transaction.fetch(_live("list_works_of_authors"), params)}


def _live(name: str) -> Statement:
    return replace(SQL[name], sql=SQL[name].sql.replace("mirror_next.", "mirror."))


def _words_of(documents: Iterable[Made]) -> dict[str, list[Any]]:
    """The words of documents, each with one where titles or names have it, as the lexicon takes them."""
    told = [lexicon_words(made.document) for made in documents]
    titles = {word for words, _ in told for word in words}
    authors = {word for _, words in told for word in words}
    words = sorted(titles | authors)
    return {
        "words": words,
        "titles": [int(word in titles) for word in words],
        "authors": [int(word in authors) for word in words],
    }
