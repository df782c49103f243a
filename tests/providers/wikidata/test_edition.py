"""An item as an edition, also where the ISBN sits on the work."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.biblio.series import InSeries, read_series
from alexandria.errors import ProviderFailed
from alexandria.net.messages import decode
from alexandria.providers.wikidata.parse.edition import (
    Linked,
    choose_edition,
    is_edition,
    isbns_of,
    lacks_authors,
    names_needed,
    people_of,
    read_edition,
)
from alexandria.providers.wikidata.parse.entities import read_entities
from alexandria.providers.wikidata.parse.values import position
from alexandria.providers.wikidata.wire import EntitiesWire, StatementWire
from tests.providers.open_library.mutations import mutated, replied
from tests.providers.wikidata.items import DAHL, FOX, FOX_EDITION, NAMES, item, link, statement
from tests.providers.wikidata.test_entities import entity, wire

ISBN = 9780140328721
LANGUAGES = ("en", "mul")
LABELS = {"Q1336200": "Puffin Books", "Q1860": "English", "Q8261": "novel", "Q5": "human"}
LINKED = Linked({"Q25161": entity(DAHL), "Q1396889": entity(FOX), "Q352730": entity(NAMES["Q352730"])}, LABELS)


def edition(linked: Linked = LINKED, **claims: Any) -> EditionAnswer:
    made = item("Q9", {"en": "Label"}, **{"P212": "978-0-14-032872-1", "P31": link("Q3331189"), **claims})
    return read_edition(entity(made), ISBN, linked, LANGUAGES)


def test_an_edition() -> None:
    answer = read_edition(entity(FOX_EDITION), ISBN, LINKED, LANGUAGES)
    assert answer.isbns == (ISBN,)
    assert (answer.number, answer.work_number, answer.title) == (7353617, 45804, "Fantastic Mr. Fox")
    dahl = Person(
        "Roald Dahl", number=34184,
        identifiers={"wikidata": ("Q25161",), "viaf": ("108159131",), "isni": ("0000000121469172",)},
    )  # fmt: skip
    assert answer.authors == (dahl,)
    assert answer.contributors == (Person("Quentin Blake", "illustrator", 1, {"wikidata": ("Q352730",)}),)
    assert (answer.publisher, answer.publication_date) == ("Puffin Books", "1988-10-01")
    assert (answer.page_count, answer.language, answer.subjects) == (96, "en", ("novel",))
    assert answer.metadata["work"] == "Q1396889"


def test_an_isbn_that_sits_on_the_work_says_nothing_of_other_editions() -> None:
    work = {**FOX, "claims": {**FOX["claims"], **item("Q1", P212=["978-0-14-032872-1", "978-0-7432-7356-5"])["claims"]}}
    work["claims"] |= item("Q1", P123=link("Q1336200"), P1104={"amount": "+300"}, P407=link("Q1860"))["claims"]
    answer = read_edition(entity(work), ISBN, LINKED, LANGUAGES)
    assert answer.isbns == (ISBN,)
    assert (answer.title, answer.work_number, answer.number) == ("Fantastic Mr Fox", 45804, None)
    assert answer.authors[0].number == 34184
    assert (answer.publication_date, answer.publisher, answer.page_count, answer.language) == (None, None, None, None)
    assert (answer.subjects, answer.metadata["first_published"]) == (("novel",), 1970)


@pytest.mark.parametrize(
    ("thirteen", "ten", "expected"),
    [
        (["978-0-14-032872-1"], [], [ISBN]),
        ([], ["0-14-032872-6"], [ISBN]),
        (["9780140328721"], ["0140328726"], [ISBN]),
        (["978‐0‐14‐032872‐1"], [], [ISBN]),
        (["978-0-14-032872-0"], [], []),
        (["", 5], [None], []),
    ],
)
def test_isbns_are_compared_without_their_hyphens(thirteen: list[Any], ten: list[Any], expected: list[int]) -> None:
    assert isbns_of(entity(item("Q1", P212=thirteen, P957=ten))) == expected


def test_an_edition_is_chosen_rather_than_a_work_and_the_oldest_of_several() -> None:
    isbn: dict[str, Any] = {"P212": "978-0-14-032872-1"}
    work, late = item("Q1", **isbn), item("Q30", **isbn, P31=link("Q3331189"))
    early, other = item("Q20", **isbn, P629=link("Q1")), item("Q2", P31=link("Q3331189"), P212="978-0-7432-7356-5")
    every = [entity(each) for each in (work, late, other, early)]
    assert choose_edition(every, ISBN) is every[3]
    assert choose_edition(every[:1], ISBN) is every[0]
    assert choose_edition([every[2]], ISBN) is None
    assert choose_edition([], ISBN) is None
    assert not choose_edition([entity(item("Q1", P212=statement("978-0-14-032872-1", "deprecated")))], ISBN)


def test_authors_stand_in_the_order_of_their_ordinals() -> None:
    answer = edition(
        P50=[statement(link("Q25161"), ordinal="2"), statement(link("Q352730"))],
        P2093=[
            statement("Somebody", ordinal="1"),
            statement("Nobody", "deprecated"),
            statement(None, kind="somevalue"),
        ],
    )
    assert [person.name for person in answer.authors] == ["Somebody", "Roald Dahl", "Quentin Blake"]


def test_an_author_who_is_not_among_the_items_is_left_out() -> None:
    assert edition(P50=[link("Q404"), link("Q25161")]).authors[0].name == "Roald Dahl"


def test_what_is_asked_for_besides() -> None:
    fox = entity(FOX_EDITION)
    assert people_of(fox) == ["Q352730"]
    assert lacks_authors(fox)
    assert names_needed(fox) == ["Q1336200", "Q1860"]
    assert (is_edition(fox), is_edition(entity(FOX))) == (True, False)
    assert names_needed(entity(FOX)) == ["Q8261"]
    assert not lacks_authors(entity(item("Q1", P2093="Somebody")))
    assert lacks_authors(entity(item("Q1", P50=statement(link("Q2"), "deprecated"))))


@pytest.mark.parametrize(
    ("claims", "field", "expected"),
    [
        ({}, "title", "Label"),
        ({"P1476": {"text": "Fox", "language": "de"}}, "title", "Fox"),
        ({"P407": [link("Q99"), link("Q5"), link("Q1860")]}, "language", "en"),
        ({"P1104": {"amount": "+100001"}}, "page_count", None),
        ({"P1104": {"amount": "0"}}, "page_count", None),
        ({"P577": {"time": "+1988-00-00T00:00:00Z", "precision": 9}}, "publication_date", "1988"),
        ({"P18": "Cover.jpg"}, "cover_url", "https://commons.wikimedia.org/wiki/Special:FilePath/Cover.jpg"),
        ({"P243": ["(OCoLC)ocm00012345"]}, "identifiers", {"wikidata": ("Q9",), "oclc": ("12345",)}),
        ({"P648": ["OL1W", "OL2M", "OL3A"]}, "work_number", 1),
        ({"P648": ["OL1W", "OL2M", "OL3A"]}, "number", 2),
    ],
)
def test_fields(claims: dict[str, Any], field: str, expected: Any) -> None:
    assert getattr(edition(**claims), field) == expected


def test_a_recorded_edition_with_unknown_authors_and_bare_numbers(fixtures_dir: Path) -> None:
    body = (fixtures_dir / "wikidata" / "entities" / "Q22002395_wikibase-sdk.json").read_bytes()
    found = read_entities(wire({"entities": {"Q22002395": json.loads(body)}}), ["Q22002395"])["Q22002395"]
    assert people_of(found) == ["Q1128109", "Q1181545", "Q1747747"]
    assert isbns_of(found) == []
    answer = read_edition(found, ISBN, Linked({}, {}), LANGUAGES)
    assert (answer.title, answer.authors) == (None, ())


@given(mutated(json.dumps({"entities": {"Q999001": FOX_EDITION}, "success": 1})))
def test_a_damaged_item_gives_an_answer_nothing_or_a_failure(body: bytes) -> None:
    try:
        found = read_entities(decode(replied(body), EntitiesWire), ["Q999001"])
    except ProviderFailed:
        return
    chosen = choose_edition(found.values(), ISBN)
    if chosen is not None:
        answer = read_edition(chosen, ISBN, LINKED, LANGUAGES)
        assert ISBN in answer.isbns
        msgspec.json.encode(answer)


def test_the_series_of_an_edition_and_of_its_work_with_the_position_in_them() -> None:
    work = {**FOX, "claims": {**FOX["claims"], **item("Q1", P179=statement(link("Q2"), ordinal="1.5"))["claims"]}}
    linked = Linked(
        {**LINKED.entities, "Q1396889": entity(work)}, {"Q2": "Foxes", "Q3": "Puffin Classics", "Q4": "No. 9"}
    )
    of_edition = [statement(link("Q3"), ordinal="second"), statement(link("Q4"), "deprecated")]
    answer = edition(linked, P629=link("Q1396889"), P179=of_edition)
    assert answer.series == ("Puffin Classics", "Foxes ; 1.5")
    of_work = read_edition(entity(work), ISBN, linked, LANGUAGES)
    assert of_work.series == ("Foxes ; 1.5",)
    assert read_series(answer.series) == (InSeries("Puffin Classics"), InSeries("Foxes", "1.5"))


def test_positions_as_wikidata_writes_them(fixtures_dir: Path) -> None:
    body = (fixtures_dir / "wikidata" / "entities" / "Q8413_entitydata.json").read_bytes()
    stated = json.loads(body)["entities"]["Q8413"]["claims"]["P2359"]
    assert [position(each) for each in msgspec.convert(stated, list[StatementWire])] == ["1", "2", "3"]
