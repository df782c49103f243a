"""Editions, works and search results in other programs' formats, each read by a program of somebody else's."""

import io
import json
from collections.abc import Sequence

import httpx2
import pymarc
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from alexandria.api.formats.bibtex import write_bibtex
from alexandria.api.formats.csl import write_csl
from alexandria.api.formats.item import Item, PersonName, read_item, split_name
from alexandria.api.formats.marc import write_marc, write_marcxml
from alexandria.api.formats.negotiate import FORMATS, wanted_format
from alexandria.api.formats.ris import write_ris

CSL, RIS, MARC = "application/vnd.citationstyles.csl+json", "application/x-research-info-systems", "application/marc"


def told(service: httpx2.Client, path: str, media_type: str) -> httpx2.Response:
    answer = service.get(path, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media_type)
    assert "Accept" in answer.headers["vary"]
    return answer


def test_csl_is_read_by_citeproc(service: httpx2.Client) -> None:
    items = told(service, "/api/editions/OL1M", CSL).json()
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Citation([CitationItem("OL1M")]))
    text = " ".join(str(entry) for entry in bibliography.bibliography())
    for word in ("Dahl", "1988", "Puffin"):
        assert word in text
    assert items[0]["issued"] == {"date-parts": [[1988, 10, 1]]}
    assert items[0]["author"] == [{"family": "Dahl", "given": "Roald"}]
    assert "Open Library" in items[0]["note"]


def test_bibtex_is_read_by_pybtex(service: httpx2.Client) -> None:
    entry = parse_string(told(service, "/api/editions/OL1M", "application/x-bibtex").text, "bibtex").entries["OL1M"]
    assert [str(person) for person in entry.persons["author"]] == ["Dahl, Roald"]
    assert entry.fields["isbn"] == "9780140328721"
    assert entry.fields["year"] == "1988"


def test_ris_is_read_by_rispy(service: httpx2.Client) -> None:
    reference = rispy.loads(told(service, "/api/editions/OL1M", RIS).text)[0]
    assert reference["authors"] == ["Dahl, Roald"]
    assert (reference["year"], reference["issn"]) == ("1988", "9780140328721")


def test_marc_and_marcxml_are_read_by_pymarc(service: httpx2.Client) -> None:
    plain = list(pymarc.MARCReader(told(service, "/api/editions/OL1M", MARC).content, to_unicode=True))
    xml = pymarc.parse_xml_to_array(io.BytesIO(told(service, "/api/editions/OL1M", "application/marcxml+xml").content))
    for record in (plain[0], xml[0]):
        assert record is not None
        assert record["100"]["a"] == "Dahl, Roald"
        assert record["020"]["a"] == "9780140328721"
        assert record.title
        assert record["500"]["a"].startswith("Data from Open Library")


def test_works_and_results_too(service: httpx2.Client) -> None:
    assert told(service, "/api/works/OL45804W", CSL).json()[0]["title"] == "Fantastic Mr Fox"
    found = told(service, "/api/search/combined?q=fantastic+mr+fox&level=edition", MARC)
    assert len(list(pymarc.MARCReader(found.content))) == 6
    assert told(service, "/api/search/combined?q=xqzzy", RIS).text == ""
    assert service.get("/api/editions/OL9M", headers={"Accept": MARC}).status_code == 404


def test_proprietary_values_are_left_out(service: httpx2.Client) -> None:
    whole = service.get("/api/editions/OL1M").json()
    assert service.get("/api/editions/OL1M?proprietary=false").json() == whole  # nothing of it is


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None), ("*/*", None), ("application/json", None), ("text/html,*/*;q=0.8", None), ("text/html", None),
        (MARC, MARC), (f"application/json;q=0.5, {RIS}", RIS), (f"{RIS};q=0.2, application/json", None),
        (f"{RIS};q=0, application/json", None), (f"{RIS};q=x", None), (f"{CSL}, {RIS}", CSL), ("," * 500, None),
        (f"TEXT/X-BibTeX, {RIS};q=0.9", "text/x-bibtex"),
    ],
)  # fmt: skip
def test_negotiation(accept: str | None, expected: str | None) -> None:
    assert wanted_format(accept) == (FORMATS[expected] if expected else None)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("J. R. R. Tolkien", ("Tolkien", "J. R. R.")), ("Nix, Garth", ("Nix", "Garth")), ("Plato", ("Plato", "")),
        ("村上 春樹", ("村上 春樹", "")), ("University of Chicago Press", ("University of Chicago Press", "")),
        ("Akbal, Oktay.", ("Akbal", "Oktay.")), (",", (",", "")),
    ],
)  # fmt: skip
def test_names(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == PersonName(*parts)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60).filter(str.strip)
ITEMS = st.builds(
    lambda title, name, description, subjects: read_item(
        {"key": "OL1M", "title": title, "subtitle": None, "authors": [{"key": None, "name": name}],
         "publisher": description, "publication_date": "1988-10", "description": description, "subjects": subjects}),
    TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3),
)  # fmt: skip


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_any_text_can_be_written_and_read(items: Sequence[Item]) -> None:
    titles = [" ".join(item.title.split()) for item in items]
    assert [each["title"] for each in json.loads(write_csl(items))] == [item.title for item in items]
    assert len(rispy.loads(write_ris(items).decode())) == len(items)
    assert len(parse_string(write_bibtex(items[:1]).decode(), "bibtex").entries) == 1
    plain = list(pymarc.MARCReader(write_marc(items), to_unicode=True))
    assert [record["245"]["a"] for record in plain if record] == titles
    xml = pymarc.parse_xml_to_array(io.BytesIO(write_marcxml(items)))
    assert len(xml) == len(items)
