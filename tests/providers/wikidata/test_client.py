"""Wikidata's client against a server of this machine: what it asks, what it believes, what it spends."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from alexandria.biblio.answers import AuthorAnswer
from alexandria.errors import BadInput, Malformed, Throttled
from alexandria.providers.provider import Found, NotFound
from alexandria.providers.wikidata import PROFILE, Sought, Wikidata
from tests.net.ledger import Ledger
from tests.net.server import Answer, Asked, Server, json_answer
from tests.providers.wikidata.items import DAHL, FOX, FOX_EDITION, NAMES, day, item, link

pytestmark = pytest.mark.anyio
ISBN = 9780140328721
Script = Callable[[Asked], Answer]


def base(*more: dict[str, Any], hits: dict[str, list[str]] | None = None) -> Script:
    """A script: items by id, and what searches find by a part of their text; SPARQL finds who names the key."""
    items = {each["id"]: each for each in (DAHL, FOX, FOX_EDITION, *NAMES.values(), *more)}
    finds = hits or {}

    def answer(asked: Asked) -> Answer:
        query = asked.query
        if asked.path == "/sparql":
            return json_answer({"results": {"bindings": list(_rows(query["query"], items))}})
        if query["action"] == "query":
            found = next((ids for part, ids in finds.items() if part in query["srsearch"]), [])
            return json_answer({"query": {"search": [{"ns": 0, "title": each} for each in found]}})
        ids = query["ids"].split("|")
        assert len(ids) <= 50
        return json_answer({"entities": {each: items.get(each, {"id": each, "missing": ""}) for each in ids}})

    return answer


def _rows(query: str, items: dict[str, dict[str, Any]]) -> Any:
    for key in re.findall(r'"(OL\d+A)"', query):
        for each in items.values():
            stated = each["claims"].get("P648", []) if each["claims"] else []
            if any(one["mainsnak"]["datavalue"]["value"] == key for one in stated):
                uri = f"http://www.wikidata.org/entity/{each['id']}"
                yield {"key": {"type": "literal", "value": key}, "item": {"type": "uri", "value": uri}}


def answer_of(found: Found[AuthorAnswer] | NotFound) -> AuthorAnswer:
    assert isinstance(found, Found)
    return found.answer


async def test_an_author_by_key(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    server.script = base(hits={"haswbstatement:P648=OL34184A": ["Q25161"]})
    found = await wikidata.author_by_key(34184, lane="harvest", patience=2)
    answer = answer_of(found)
    assert isinstance(found, Found)
    assert (found.record, found.revision) == ("Q25161", "7")
    assert (answer.number, answer.name, answer.nationality) == (34184, "Roald Dahl", "United Kingdom")
    assert [(call.kind, call.bucket, call.lane) for call in ledger.calls] == [
        ("search", "wikimedia", "harvest"),
        ("entities", "wikimedia", "harvest"),
        ("entities", "wikimedia", "harvest"),
    ]
    assert len(ledger.calls) <= PROFILE.prices["author_by_key"].request
    assert server.asked[1].query["sitefilter"] == "enwiki"
    assert set(server.asked[1].query["props"].split("|")) == {
        "info", "labels", "aliases", "descriptions", "claims", "sitelinks",
    }  # fmt: skip
    await wikidata.author_by_key(34184)
    assert len(ledger.calls) == 5  # the name of a country is asked for once


async def test_an_author_by_a_key_that_became_another(wikidata: Wikidata, server: Server) -> None:
    server.script = base(hits={"P648=OL9A|P648=OL34184A": ["Q25161"]})
    assert answer_of(await wikidata.author_by_key(9, former=[34184])).number == 9


async def test_nobody_has_the_key(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    server.script = base()
    assert await wikidata.author_by_key(1) == NotFound()
    assert len(ledger.calls) == 1


async def test_a_hit_whose_item_does_not_have_the_key_any_more(wikidata: Wikidata, server: Server) -> None:
    server.script = base(hits={"P648=OL1A": ["Q25161"]})
    assert await wikidata.author_by_key(1) == NotFound()


async def test_a_hit_that_is_gone(wikidata: Wikidata, server: Server) -> None:
    server.script = base(hits={"P648=OL1A": ["Q404"]})
    assert await wikidata.author_by_key(1) == NotFound()


async def test_another_item_than_was_asked_for(wikidata: Wikidata, server: Server) -> None:
    search = json_answer({"query": {"search": [{"ns": 0, "title": "Q1"}]}})
    server.script = [search, json_answer({"entities": {"Q1": DAHL}})]
    with pytest.raises(Malformed, match="not asked for"):
        await wikidata.author_by_key(34184)


async def test_two_items_with_one_key(wikidata: Wikidata, server: Server) -> None:
    twin = item("Q99", {"en": "Dahl"}, P648="OL34184A", P569=day("+1916-00-00", 9))
    other = item("Q5000", {"en": "Other"}, P648="OL34184A", P569=day("+1800-00-00", 9))
    server.script = base(twin, hits={"OL34184A": ["Q25161", "Q99"]})
    assert answer_of(await wikidata.author_by_key(34184)).name == "Dahl"
    server.script = base(other, hits={"OL34184A": ["Q25161", "Q5000"]})
    assert await wikidata.author_by_key(34184) == NotFound()


@pytest.mark.parametrize(
    ("scheme", "value", "searches"),
    [
        ("viaf", "viaf.org/viaf/108159131", ["haswbstatement:P214=108159131"]),
        (
            "isni",
            "0000-0001-2146-9172",
            ["haswbstatement:P213=0000000121469172", 'haswbstatement:"P213=0000 0001 2146 9172"'],
        ),
    ],
)
async def test_an_author_by_identifier(
    wikidata: Wikidata, server: Server, ledger: Ledger, scheme: str, value: str, searches: list[str]
) -> None:
    server.script = base(hits={searches[-1]: ["Q25161"]})
    assert answer_of(await wikidata.author_by_identifier(scheme, value)).number == 34184
    assert [asked.query["srsearch"] for asked in server.asked if "srsearch" in asked.query] == searches
    assert len(ledger.calls) <= PROFILE.prices["author_by_identifier"].request
    server.script = base()
    assert await wikidata.author_by_identifier(scheme, value) == NotFound()


async def test_an_author_by_the_id_of_the_item(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    server.script = base()
    assert answer_of(await wikidata.author_by_identifier("wikidata", "Q25161")).number == 34184
    assert ledger.calls[0].kind == "entities"
    assert await wikidata.author_by_identifier("wikidata", "Q404") == NotFound()


@pytest.mark.parametrize(
    ("scheme", "value"), [("viaf", "x"), ("isni", "0000000121469177"), ("imdb", "nm0001094"), ("", "1")]
)
async def test_what_is_no_identifier_is_not_asked(wikidata: Wikidata, server: Server, scheme: str, value: str) -> None:
    with pytest.raises(BadInput):
        await wikidata.author_by_identifier(scheme, value)
    assert server.asked == []


async def test_a_key_of_ours_is_not_asked(wikidata: Wikidata, server: Server) -> None:
    for number in (10**12 + 1, 0, -1):
        with pytest.raises(BadInput):
            await wikidata.author_by_key(number)
    assert server.asked == []


NAMESAKE = item("Q777", {"en": "Roald Dahl"}, P569=day("+1950-00-00", 9))


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (Sought("Dahl, Roald", birth_year=1916), "Q25161"),
        (Sought("Roald Dahl", birth_year=1950), "Q777"),
        (Sought("Roald Dahl", birth_year=1900), None),
        (Sought("Roald Dahl", identifiers={"viaf": ("108159131",)}), "Q25161"),
        (Sought("Roald Dahl", titles=("Fantastic Mr Fox",)), "Q25161"),
        (Sought("Roald Dahl", titles=("Matilda",)), None),
        (Sought("Roald Dahl", birth_year=1950, titles=("Fantastic Mr Fox",)), "Q777"),
        (Sought("Someone Else", birth_year=1916), None),
    ],
)
async def test_an_author_by_name(
    wikidata: Wikidata, server: Server, ledger: Ledger, sought: Sought, expected: str | None
) -> None:
    finds = {"P50=Q25161|P50=Q777": ["Q1396889"], "roald": ["Q25161", "Q777"], "someone": ["Q25161"]}
    server.script = base(NAMESAKE, hits=finds)
    found = await wikidata.author_by_name(sought)
    assert (found.record if isinstance(found, Found) else None) == expected
    assert len(ledger.calls) <= PROFILE.prices["author_by_name"].request


async def test_a_search_is_never_longer_than_it_may_be(wikidata: Wikidata, server: Server) -> None:
    long = "word " * 200
    many = [item(f"Q12345678{number}", {"en": long}) for number in range(10)]
    server.script = base(*many, hits={"word": [each["id"] for each in many]})
    assert await wikidata.author_by_name(Sought(long, titles=(long,))) == NotFound()
    await wikidata.author_by_key(10**11, former=range(10**11 - 40, 10**11))
    searches = [asked.query["srsearch"] for asked in server.asked if "srsearch" in asked.query]
    assert len(searches) == 3
    assert all(100 < len(search) < 300 for search in searches)


async def test_two_namesakes_born_in_one_year(wikidata: Wikidata, server: Server) -> None:
    twin = item("Q778", {"en": "Roald Dahl"}, P569=day("+1916-00-00", 9))
    server.script = base(twin, hits={"dahl": ["Q25161", "Q778"]})
    assert await wikidata.author_by_name(Sought("Roald Dahl", birth_year=1916)) == NotFound()


async def test_a_name_alone_is_not_asked(wikidata: Wikidata, server: Server) -> None:
    with pytest.raises(BadInput, match="namesakes"):
        await wikidata.author_by_name(Sought("Roald Dahl"))
    assert server.asked == []


async def test_many_authors_in_few_requests(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    many = [
        item(f"Q{2000 + number}", {"en": f"A{number}"}, P648=f"OL{number}A", P27=link("Q145"))
        for number in range(1, 71)
    ]
    server.script = base(*many)
    found = await wikidata.authors_by_keys([*range(1, 71), 404, 1])
    assert len(found) == 71
    assert found[404] == NotFound()
    assert {number: answer_of(found[number]).name for number in (1, 70)} == {1: "A1", 70: "A70"}
    assert [call.kind for call in ledger.calls].count("sparql") == 36  # the fixture's batch is 2
    assert [call.kind for call in ledger.calls].count("entities") == 3  # 50, 20, and the name of the country


async def test_many_authors_of_whom_two_items_say_different_things(wikidata: Wikidata, server: Server) -> None:
    other = item("Q5000", {"en": "Other"}, P648="OL34184A", P569=day("+1800-00-00", 9))
    server.script = base(other)
    assert await wikidata.authors_by_keys([34184]) == {34184: NotFound()}
    assert await wikidata.authors_by_keys([]) == {}


async def test_an_edition_by_isbn(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    search = "haswbstatement:P212=978-0-14-032872-1|P957=0-14-032872-6"
    server.script = base(hits={search: ["Q1396889", "Q999001"]})
    found = await wikidata.edition_by_isbn(ISBN)
    assert isinstance(found, Found)
    assert (found.record, found.answer.title, found.answer.work_number) == ("Q999001", "Fantastic Mr. Fox", 45804)
    assert [person.name for person in found.answer.authors] == ["Roald Dahl"]
    assert (found.answer.publisher, found.answer.language) == ("Puffin Books", "en")
    assert found.answer.subjects == ("novel",)
    assert len(ledger.calls) == PROFILE.prices["edition_by_isbn"].request
    assert server.asked[0].query["srsearch"] == search
    assert "info" in server.asked[1].query["props"]  # the revision


@pytest.mark.parametrize(
    ("isbn", "search"),
    [
        (9798600000001, "haswbstatement:P212=979-8-6000-0000-1"),
        (9786400042628, "haswbstatement:P212=9786400042628|P957=6400042628"),
    ],
)
async def test_isbns_without_a_short_form_or_a_range(
    wikidata: Wikidata, server: Server, isbn: int, search: str
) -> None:
    server.script = base()
    assert await wikidata.edition_by_isbn(isbn) == NotFound()
    assert server.asked[0].query["srsearch"] == search


async def test_an_item_that_does_not_have_the_isbn(wikidata: Wikidata, server: Server, ledger: Ledger) -> None:
    server.script = base(hits={"haswbstatement": ["Q1396889", "Q404"]})
    assert await wikidata.edition_by_isbn(ISBN) == NotFound()
    assert len(ledger.calls) == 2


async def test_a_fault_that_came_with_http_200_is_no_absence(
    wikidata: Wikidata, server: Server, ledger: Ledger
) -> None:
    server.script = [json_answer({"error": {"code": "maxlag"}}, Retry_After="5")]
    with pytest.raises(Throttled) as caught:
        await wikidata.author_by_key(1)
    assert caught.value.retry_at is not None
    assert ledger.outcome.error == "throttled"
    assert ledger.outcome.wait_until == caught.value.retry_at


async def test_a_page_that_is_not_there_is_no_absence(wikidata: Wikidata, server: Server) -> None:
    server.script = [json_answer({"query": {"search": []}}, 404)]
    with pytest.raises(Malformed, match="404"):
        await wikidata.author_by_key(1)
