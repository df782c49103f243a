"""An item as an author."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from alexandria.biblio.answers import AuthorAnswer
from alexandria.errors import Malformed, ProviderFailed
from alexandria.net.messages import decode
from alexandria.providers.wikidata.parse.author import read_author
from alexandria.providers.wikidata.parse.entities import read_entities
from alexandria.providers.wikidata.wire import EntitiesWire
from tests.providers.open_library.mutations import mutated, replied
from tests.providers.wikidata.items import DAHL, day, item, link, statement, text_in
from tests.providers.wikidata.test_entities import entity, wire

LANGUAGES = ("en", "mul")
LABELS = {"Q145": "United Kingdom", "Q30": "United States"}


def author(**claims: Any) -> AuthorAnswer:
    return read_author(entity(item("Q1", {"mul": "N"}, **claims)), None, LABELS, LANGUAGES)


def test_an_author() -> None:
    answer = read_author(entity(DAHL), 34184, LABELS, LANGUAGES)
    assert (answer.number, answer.name, answer.gender) == (34184, "Roald Dahl", "Male")
    assert answer.nationality == "United Kingdom"
    assert (answer.birth_date, answer.birth_year) == ("1916-09-13", 1916)
    assert (answer.death_date, answer.death_year) == ("1990-11-23", 1990)
    assert answer.alternate_names == ("R. Dahl",)
    assert answer.photo_url == "https://commons.wikimedia.org/wiki/Special:FilePath/Roald_Dahl.jpg"
    assert answer.metadata["sitelinks"] == {"enwiki": "Roald Dahl"}
    assert answer.metadata["description"] == "British writer"
    assert answer.bio is None


def recorded(fixtures_dir: Path, name: str, item_id: str) -> AuthorAnswer:
    body = (fixtures_dir / "wikidata" / "entities" / f"{name}.json").read_bytes()
    found = json.loads(body)
    whole = found if "entities" in found else {"entities": {item_id: found}}
    answer = read_author(read_entities(wire(whole), [item_id])[item_id], None, LABELS, LANGUAGES)
    msgspec.json.encode(answer)
    return answer


def test_douglas_adams(fixtures_dir: Path) -> None:
    answer = recorded(fixtures_dir, "Q42_entitydata", "Q42")
    assert (answer.name, answer.gender, answer.nationality) == ("Douglas Adams", "Male", "United Kingdom")
    assert (answer.birth_date, answer.death_date) == ("1952-03-11", "2001-05-11")
    assert "Douglas Noël Adams" in answer.alternate_names
    assert "David Agnew" in answer.alternate_names
    assert "Douglas Adams" not in answer.alternate_names
    assert answer.photo_url == "https://commons.wikimedia.org/wiki/Special:FilePath/Douglas_adams_portrait.jpg"


def test_an_emperor_whose_dates_are_disputed_and_julian(fixtures_dir: Path) -> None:
    answer = recorded(fixtures_dir, "Q8413_entitydata", "Q8413")
    assert (answer.birth_date, answer.birth_year) == ("0272-02-27", 272)
    assert (answer.death_date, answer.death_year) == ("0337-05-22", 337)
    assert answer.metadata["calendar"] == "Julian"


def test_several_normal_dates_that_differ(fixtures_dir: Path) -> None:
    answer = recorded(fixtures_dir, "Q970917_wikibase-sdk", "Q970917")
    assert (answer.birth_date, answer.birth_year) == ("1869 or 1990", None)
    assert (answer.death_date, answer.death_year) == ("1929-05-07", 1929)


def test_veronica_roth(fixtures_dir: Path) -> None:
    answer = recorded(fixtures_dir, "Q328212_wikibase-sdk", "Q328212")
    assert (answer.name, answer.gender, answer.birth_year) == ("Veronica Roth", "Female", 1988)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([], None),
        ([link("Q6581097")], "Male"),
        ([link("Q6581072")], "Female"),
        ([link("Q1052281")], "Female"),
        ([link("Q2449503")], "Male"),
        ([link("Q48270")], "NonBinary"),
        ([link("Q1097630")], "Unknown"),
        ([link("Q6581072"), link("Q1052281")], "Female"),
        ([link("Q6581072"), link("Q6581097")], "Unknown"),
        ([statement(link("Q6581072"), "preferred"), link("Q6581097")], "Female"),
        ([statement(None, kind="somevalue")], "Unknown"),
        ([statement(None, kind="novalue")], None),
        ([statement(link("Q6581072"), "deprecated")], None),
    ],
)
def test_genders(stated: list[Any], expected: str | None) -> None:
    assert author(P21=stated).gender == expected


def test_several_citizenships() -> None:
    answer = author(P27=[link("Q145"), link("Q30"), link("Q99")])
    assert answer.nationality == "United Kingdom"
    assert answer.metadata["citizenships"] == ["United Kingdom", "United States"]
    assert author(P27=[link("Q145"), statement(link("Q30"), "preferred")]).nationality == "United States"


@pytest.mark.parametrize(
    ("stated", "date", "year"),
    [
        ([day("+1952-00-00", 9), day("+1952-03-11")], "1952-03-11", 1952),
        ([day("+1761-00-00", 9), day("+1762-04-00", 10)], "1761 or 1762", None),
        ([day("+1560-00-00", 8)], "1560s", None),
        ([day("+1500-00-00", 7), day("+1480-00-00", 9)], "1480", 1480),
        ([statement(None, kind="somevalue")], None, None),
        ([day("-0384-00-00", 9)], "-0384", -384),
    ],
)
def test_birth_dates(stated: list[Any], date: str | None, year: int | None) -> None:
    answer = author(P569=stated)
    assert (answer.birth_date, answer.birth_year) == (date, year)


def test_an_item_without_labels_is_named_by_its_birth_name() -> None:
    bare = entity(item("Q1", P1477=text_in("la", "Flavius")))
    assert read_author(bare, None, {}, LANGUAGES).name == "Flavius"
    assert read_author(entity(item("Q1")), None, {}, LANGUAGES).name is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A & B/C?.jpg", "A_%26_B%2FC%3F.jpg"),
        ("Élan #1.jpg", "%C3%89lan_%231.jpg"),
        ("javascript:x", "javascript%3Ax"),
    ],
)
def test_names_of_pictures_are_encoded(name: str, expected: str) -> None:
    assert author(P18=name).photo_url == f"https://commons.wikimedia.org/wiki/Special:FilePath/{expected}"


@given(mutated(json.dumps({"entities": {"Q25161": DAHL}, "success": 1})))
def test_a_damaged_item_gives_an_answer_nothing_or_a_failure(body: bytes) -> None:
    try:
        found = read_entities(decode(replied(body), EntitiesWire), ["Q25161"])
    except (Malformed, ProviderFailed):
        return
    for each in found.values():
        msgspec.json.encode(read_author(each, 34184, LABELS, LANGUAGES))
