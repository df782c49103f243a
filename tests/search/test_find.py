"""Finding: what is stored is found, by whom it was written and however it is typed; what was corrected is said."""

import asyncio
from typing import Any

import msgspec
import pytest

from alexandria.biblio.finding import title_code
from alexandria.catalog.crosswalk import list_identifiers, resolve
from alexandria.catalog.lookup import Lookup
from alexandria.catalog.pages import read_cursor
from alexandria.db import Database, Statement, Transaction, connect
from alexandria.enrichment.merging import merge, undo
from alexandria.enrichment.store import Write, store, store_in, take_back
from alexandria.search import meaning
from alexandria.search.answer import Answer, Page, search
from alexandria.search.asked import Asked, Filters, Wanted, read_query, read_title_and_author
from alexandria.search.find import Effort, find
from alexandria.search.meaning import Meaning, is_common

pytestmark = pytest.mark.anyio
ISBN = 9783161484100


async def ask(database: Database, asked: str | Asked, filters: Filters = Filters(), page: Page = Page()) -> Answer:  # noqa: B008
    lookup = Lookup(database)
    try:
        asked = read_query(asked) if isinstance(asked, str) else asked
        return await search(database, lookup, asked, filters, page)
    finally:
        await lookup.close()


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What is run in transactions, with its parameters."""
    run: list[tuple[str, Any]] = []
    fetch = Transaction.fetch

    async def noted(self: Transaction, statement: Statement, params: Any = None) -> Any:
        run.append((statement.name, params))
        return await fetch(self, statement, params)

    monkeypatch.setattr(Transaction, "fetch", noted)
    return run


def told(answer: Answer) -> str:
    """All results as text."""
    return b" ".join(result.body() for result in answer.results).decode()


def edition(**fields: object) -> Write:
    return Write("edition", ISBN, "user", "test", fields)


@pytest.mark.parametrize(
    ("text", "detected"),
    [
        ("978-0-7432-7356-5", "isbn"),
        ("ISBN 0743273567", "isbn"),
        ("OL468431W", "work"),
        ("/books/OL23109860M", "edition"),
        ("the great gatsby", "title"),
        ("fitzgerald", "author"),
        ("fitzgerald gatsby", "title and author"),
    ],
)
async def test_what_was_typed_is_understood(catalogue: Database, text: str, detected: str) -> None:
    answer = await ask(catalogue, text)
    assert answer.detected == detected
    assert "Gatsby" in told(answer)


@pytest.mark.parametrize("text", ["great gatsby", "gats", "g"])
async def test_where_no_popular_work_has_common_words_others_are_found(catalogue: Database, text: str) -> None:
    found = await find(catalogue, read_query(text), Filters(), Effort(common=0))
    assert any("gatsby" in one.candidate.title for one in found.ranked)


@pytest.mark.parametrize(
    ("totals", "common"),
    [
        ({"p": 20}, True),  # letters are not counted, for they are everywhere
        ({"v": 0, "p": 0}, True),
        ({"v": 0, "gatsby": 20}, False),
        ({"p": 21, "gatsby": 1}, False),
        ({"p": 1, "gatsby": 21}, True),
        ({"the": 99, "gatsby": 21, "great": 20}, False),
        ({}, False),
    ],
)
def test_words_are_common_when_the_rarest_that_is_asked_for_is(totals: dict[str, int], common: bool) -> None:
    meanings = [Meaning(Wanted(word, "any"), total, total=total) for word, total in totals.items()]
    assert is_common(meanings, 20) is common


async def test_words_that_are_too_common_together_are_not_read_to_the_end(catalogue: Database) -> None:
    asked = read_query("great the gatsby")  # no popular work has these words here, and none this title
    assert (await find(catalogue, asked, Filters(), Effort(common=0))).complete
    found = await find(catalogue, asked, Filters(), Effort(common=0, most_common=0))
    assert (found.ranked, found.complete) == ([], False)


@pytest.mark.parametrize("text", ["great gats", "fitzgerald gr", "f s fitz", "lord rings tolk", "great gatsby zyzzo"])
async def test_one_form_after_the_other_finds_what_all_at_once_find(
    catalogue: Database, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    found = []
    for pays in (0, 10**9):
        monkeypatch.setattr(meaning, "PAYS", pays)
        ranked = (await find(catalogue, read_query(text), Filters())).ranked
        found.append([(one.candidate.id, round(one.score, 6)) for one in ranked])
    assert found[0] == found[1] != []


async def test_nothing_is_asked_twice(catalogue: Database, statements: list[tuple[str, Any]]) -> None:
    assert (await ask(catalogue, "the great gatsby xqzzyplugh")).results  # doubted, and without one and two words
    asked = [(name, str(params)) for name, params in statements if name != "bound"]
    assert len(asked) == len(set(asked))
    assert {"find_documents", "list_near_words", "find_documents_by_title"} <= {name for name, _ in asked}


@pytest.mark.parametrize(("good", "doubted"), [(0.8, False), (0.9, True)])
async def test_words_are_doubted_where_the_best_agrees_too_little(
    catalogue: Database, statements: list[tuple[str, Any]], good: float, doubted: bool
) -> None:
    [best, *_] = (await find(catalogue, read_query("fitzgerald g"), Filters(), Effort(good=good))).ranked
    assert 0.8 < best.agreement < 0.9
    steps = [name for name, _ in statements].count("bound")
    assert (steps > 1) is doubted


async def test_what_was_corrected_is_said(catalogue: Database) -> None:
    assert (await ask(catalogue, "great gastby")).corrected == (("gastby", "gatsby"),)
    assert (await ask(catalogue, "great gatsby")).corrected == ()


@pytest.mark.parametrize("text", ["zyzogeton", "zyzzogeto", "zyzzo geton"])
async def test_a_rare_title_is_found_among_many_popular_works_of_that_name(
    written: Database, written_url: str, text: str
) -> None:
    popular = "400000000 + n, 20, 0, 1990, 1990, 1, true, 'en', 'book ' || n, '', '@zyzzogeton @somebody', ''"
    rare = f"400000401, 1, {title_code(['zyzzogeton'])}, 1990, 1990, 1, true, 'en', 'zyzzogeton', '', '@x', ''"
    with connect(written_url, autocommit=True) as connection:
        connection.execute(f"insert into mirror.documents select {popular} from generate_series(1, 400) n".encode())
        connection.execute(f"insert into mirror.documents select {rare}".encode())
        connection.execute("insert into mirror.lexicon values ('zyzzogeton', 1, 400)")
    found = await find(written, read_query(text), Filters())
    assert 400_000_401 in [one.candidate.work for one in found.ranked[:3]]


async def test_title_and_author_are_looked_for_where_they_belong(catalogue: Database) -> None:
    assert (await ask(catalogue, read_title_and_author("tolkien boxed set", None))).results
    assert "Boxed" not in told(await ask(catalogue, read_title_and_author(None, "boxed set")))
    both = await ask(catalogue, read_title_and_author("lord of the rings", "Tolkien, J.R.R."))
    assert both.detected == "title and author"


async def test_nothing_is_an_empty_list(catalogue: Database) -> None:
    answer = await ask(catalogue, "xqzzyplugh")
    assert (answer.results, answer.complete, answer.next) == ([], True, None)


async def test_pages_go_on_without_doubles(catalogue: Database) -> None:
    seen: list[bytes | None] = []
    cursor = Page().cursor
    while True:
        answer = await ask(catalogue, "tolkien", page=Page(limit=5, cursor=cursor))
        seen += [result.work for result in answer.results]
        if answer.next is None:
            break
        cursor = read_cursor(answer.next)
    assert len(seen) == len(set(seen)) > 15


async def test_filters(catalogue: Database) -> None:
    both = await ask(catalogue, "sabriel")
    spanish = await ask(catalogue, "sabriel", Filters(language="es"))
    assert msgspec.json.decode(spanish.results[0].edition or b"")["language"] == "es"
    assert len(both.results) == len(spanish.results) == 1
    assert not (await ask(catalogue, "sabriel", Filters(language="fi"))).results
    assert not (await ask(catalogue, "sabriel", Filters(from_year=1700, to_year=1701))).results
    assert (await ask(catalogue, "great gatsby", Filters(from_year=2004, to_year=2004))).results


async def test_editions_of_a_work(catalogue: Database) -> None:
    answer = await ask(catalogue, "sabriel nix", page=Page(editions=True))
    assert len([result for result in answer.results if result.edition]) > 5


# --- what was learned ------------------------------------------------------------------------------------------


async def test_what_is_stored_is_found_at_once(written: Database) -> None:
    assert not (await ask(written, "quibbling zyzzogetons")).results
    people = [{"name": "Ximena Quux-Zorro"}]
    await store(written, [edition(title="Quibbling Zyzzogetons: A Study", authors=people, language="en")])
    for text in ("quibbling zyzzogetons", "zyzzogeton", "quibling zyzogetons", "quux zorro ximena", "quux zyzzogetons"):
        assert str(ISBN) in told(await ask(written, text)), text
    assert str(ISBN) in told(await ask(written, "zyzzogetons", Filters(language="en")))
    await store(written, [edition(title="Another Title Altogether")])
    assert not (await ask(written, "zyzzogetons")).results
    assert str(ISBN) in told(await ask(written, "another title altogether"))
    await take_back(written, "edition", ISBN, "user", "test")
    assert str(ISBN) not in told(await ask(written, "another title altogether"))


async def test_nothing_is_found_of_what_was_not_committed(written: Database) -> None:
    class Undone(Exception):
        pass

    async def store_and_fail() -> None:
        async with written.transaction() as transaction:
            await store_in(transaction, [edition(title="Zyzzogetons")])
            raise Undone

    with pytest.raises(Undone):
        await store_and_fail()
    assert not (await ask(written, "zyzzogetons")).results


async def test_a_written_title_of_a_known_work(written: Database) -> None:
    await store(written, [Write("work", 468431, "user", "test", {"title": "Trimalchio in West Egg"})])
    answer = await ask(written, "trimalchio fitzgerald")
    assert answer.results[0].work is not None
    assert b"OL468431W" in answer.results[0].work
    assert b"OL468431W" in ((await ask(written, "great gatsby")).results[0].work or b"")


async def test_a_written_name_of_a_known_author(written: Database) -> None:
    row = await written.fetch_one(
        Statement("author", "select author_ids[1] from mirror.works where id = 468431", "One.")
    )
    assert row is not None
    await store(written, [Write("author", row[0], "user", "test", {"name": "Zelda Zyzzo"})])
    answer = await ask(written, read_title_and_author(None, "zyzzo zelda"))
    assert b"OL468431W" in (answer.results[0].work or b"")


async def test_a_merged_work_is_shown_as_the_other(written: Database) -> None:
    done = await merge(written, "work", 166894, 468431, "test")
    answer = await ask(written, "crime and punishment")
    assert b'"OL468431W"' in (answer.results[0].work or b"")
    await undo(written, "work", done.id, "test")
    assert b'"OL166894W"' in ((await ask(written, "crime and punishment")).results[0].work or b"")


async def test_writers_of_new_words_do_not_wait_in_a_circle(written: Database) -> None:
    writes = [
        [Write("edition", ISBN + 10 * n, "user", f"u{m}", {"title": f"Zyzzo {n} word{(n * m) % 7}"}) for n in range(5)]
        for m in range(6)
    ]
    await asyncio.gather(*(store(written, each if n % 2 else each[::-1]) for n, each in enumerate(writes)))
    assert len((await ask(written, "zyzzo")).results) == 5


async def test_a_learned_identifier_leads_to_its_record(written: Database) -> None:
    known = 9780743273565  # The Great Gatsby
    for isbn in (ISBN, known):
        await store(
            written, [Write("edition", isbn, "isbndb", "self", {"title": "X", "identifiers": {"oclc": ["77"]}})]
        )
    found = await resolve(written, "oclc", "77")
    assert {(each.key, each.isbn13) for each in found} == {(None, str(ISBN)), ("OL23109860M", str(known))}
    assert (await list_identifiers(written, "edition", -ISBN))["oclc"] == ["77"]
    assert "77" in (await list_identifiers(written, "work", 468431))["oclc"]
    await take_back(written, "edition", ISBN, "isbndb", "self")
    assert [each.key for each in await resolve(written, "oclc", "77")] == ["OL23109860M"]
