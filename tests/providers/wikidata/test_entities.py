"""Items as they were asked for: redirects, missing ones, faults that come with HTTP 200, names and identifiers."""

import json
from pathlib import Path
from typing import Any

import pytest

from alexandria.errors import Malformed, ProviderFailed, Throttled, Unavailable
from alexandria.net.messages import decode
from alexandria.providers.wikidata.parse.entities import (
    PERSON,
    description_of,
    identifiers_of,
    name_of,
    names_of,
    open_library_numbers,
    read_entities,
    sitelinks_of,
)
from alexandria.providers.wikidata.wire import EntitiesWire, EntityWire
from tests.providers.open_library.mutations import replied
from tests.providers.wikidata.items import DAHL, item


def wire(value: Any) -> EntitiesWire:
    return decode(replied(json.dumps(value).encode()), EntitiesWire)


def entity(value: dict[str, Any]) -> EntityWire:
    name = value.get("id", "Q1")
    return read_entities(wire({"entities": {name: value}}), [name])[name]


@pytest.fixture
def entities(fixtures_dir: Path) -> Path:
    folder = fixtures_dir / "wikidata" / "entities"
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}")
    return folder


def test_every_recorded_item_can_be_read(entities: Path) -> None:
    for path in sorted(entities.glob("Q*.json")):
        found = json.loads(path.read_bytes())
        whole = found if "entities" in found else {"entities": {path.name.partition("_")[0]: found}}
        (name,) = whole["entities"]
        read = read_entities(wire(whole), [name])
        assert read[name].id == name, path


def test_the_name_of_an_item_without_an_english_label(entities: Path) -> None:
    adams = read_entities(wire(json.loads((entities / "Q42_entitydata.json").read_bytes())), ["Q42"])["Q42"]
    assert "en" not in adams.labels
    assert name_of(adams, ("en", "mul")) == "Douglas Adams"
    assert sitelinks_of(adams)["enwiki"] == "Douglas Adams"
    assert open_library_numbers(adams, "author") == [272947]
    assert open_library_numbers(adams, "work") == []
    assert identifiers_of(adams, PERSON) == {
        "wikidata": ("Q42",),
        "viaf": ("113230702",),
        "isni": ("0000000080456315",),
        "lc_naf": ("n80076765",),
        "gnd": ("119033364",),
        "bnf": ("11888092r",),
        "goodreads": ("4",),
        "open_library": ("OL272947A",),
    }


def test_the_aliases_of_2017(entities: Path) -> None:
    adams = read_entities(wire(json.loads((entities / "Q42_wbgetentities_wikidata.json").read_bytes())), ["Q42"])["Q42"]
    assert "Douglas Noël Adams" in names_of(adams, ("en",))
    assert description_of(adams, ("mul", "en")) == "English writer and humorist"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"de": "D", "mul": "M", "en": "E"}, "D"),
        ({"mul": "M", "en": "E"}, "M"),
        ({"en": "E", "fr": "F"}, "E"),
        ({"fr": "F"}, "F"),
        ({"de": "\u200b", "fr": "F"}, "F"),
        ({}, None),
    ],
)
def test_labels_fall_back(labels: dict[str, str], expected: str | None) -> None:
    assert name_of(entity(item("Q1", labels)), ("de", "mul", "en")) == expected


def test_empty_maps_may_be_lists() -> None:
    bare = entity({"id": "Q1", "labels": [], "descriptions": [], "aliases": [], "claims": [], "sitelinks": []})
    assert (name_of(bare, ("en",)), names_of(bare, ("en",)), description_of(bare, ("en",))) == (None, (), None)
    assert (identifiers_of(bare, PERSON), sitelinks_of(bare)) == ({"wikidata": ("Q1",)}, {})


def test_aliases_may_be_bare_texts() -> None:
    assert names_of(entity({"id": "Q1", "aliases": {"en": ["A", {"value": "B"}, 5, {"value": 5}]}}), ("en",)) == (
        "A",
        "B",
    )


def test_a_merged_item_has_another_id_than_was_asked_for() -> None:
    merged = {**item("Q11036"), "redirects": {"from": "Q53265341", "to": "Q11036"}}
    for key in ("Q53265341", "Q11036"):  # the server has written both
        found = read_entities(wire({"entities": {key: merged}}), ["Q53265341"])
        assert found["Q53265341"].id == "Q11036"


def test_a_merged_item_and_what_it_became_may_both_be_asked_for() -> None:
    merged = {**item("Q2"), "redirects": {"from": "Q1", "to": "Q2"}}
    for entities in ({"Q2": merged}, {"Q1": merged, "Q2": item("Q2")}):
        found = read_entities(wire({"entities": entities}), ["Q1", "Q2"])
        assert (found["Q1"].id, found["Q2"].id) == ("Q2", "Q2")


@pytest.mark.parametrize("missing", ["", True])
def test_missing_items_are_left_out(missing: Any) -> None:
    both = {"Q1": item("Q1"), "Q10908976": {"id": "Q10908976", "missing": missing}}
    assert list(read_entities(wire({"entities": both, "success": 1}), ["Q1", "Q10908976"])) == ["Q1"]


@pytest.mark.parametrize(
    "answer",
    [
        {"entities": {"Q2": item("Q2")}},
        {"entities": {"Q1": item("Q2")}},
        {"entities": {"Q9": item("Q1")}},
        {"entities": {"Q1": item("Q1"), "Q2": item("Q2")}},
        {"entities": {"Q1": {**item("Q3"), "redirects": {"from": "Q1", "to": "Q2"}}}},
        {"entities": {"Q2": {**item("Q2"), "redirects": {"from": "Q3", "to": "Q2"}}}},
        {"entities": {}},
        {"entities": None},
        {},
        {"batchcomplete": ""},
    ],
)
def test_an_answer_about_other_items_or_none(answer: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_entities(wire(answer), ["Q1"])


def test_a_recorded_unknown_id_comes_with_http_200(fixtures_dir: Path) -> None:
    body = (fixtures_dir / "wikidata" / "api" / "wikidata_entity_label_invalid_entity.json").read_bytes()
    assert read_entities(wire(json.loads(body)), ["Q1"]) == {}
    with pytest.raises(Malformed, match="no-such-entity"):
        read_entities(wire(json.loads(body)), ["Q1", "Q2"])


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"error": {"code": "maxlag", "info": "Waiting for a host: 5 seconds lagged"}}, Throttled),
        ({"errors": [{"code": "ratelimited"}]}, Throttled),
        ({"error": {"code": "internal_api_error_DBQueryError"}}, Unavailable),
        ({"error": {"code": "readonly"}}, Unavailable),
        ({"error": {"code": "param-missing"}}, Malformed),
        ({"error": "all wrong"}, Malformed),
        ({"errors": [5]}, Malformed),
        ({"error": {"code": 5}, "entities": {"Q1": item("Q1")}}, Malformed),
    ],
)
def test_faults_that_come_with_http_200(fault: dict[str, Any], expected: type[ProviderFailed]) -> None:
    with pytest.raises(expected) as caught:
        read_entities(wire(fault), ["Q1"])
    assert type(caught.value) is expected


def test_recorded_labels_of_fifty(fixtures_dir: Path) -> None:
    for name in ("labels_2", "labels_3", "wikidata_entity_label"):
        found = json.loads((fixtures_dir / "wikidata" / "api" / f"{name}.json").read_bytes())
        read = read_entities(wire(found), list(found["entities"]))
        assert all(name_of(each, ("en",)) for each in read.values())


def test_identifiers_are_spelled_in_one_way() -> None:
    assert identifiers_of(entity(DAHL), PERSON)["isni"] == ("0000000121469172",)
