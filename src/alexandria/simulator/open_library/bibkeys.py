"""`/api/books`: several editions by ISBN or key, in one of three forms."""

from collections.abc import Mapping
from typing import Any

import msgspec

from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.messages import Response, json_response
from alexandria.simulator.open_library.records import Record, Records

SITE = "https://openlibrary.org"


def read_books(catalogue: Catalogue, records: Records, query: Mapping[str, str], *, as_json: bool) -> Response:
    """An object by bibkey, unknown ones absent; JavaScript unless JSON is asked for."""
    found: dict[str, Any] = {}
    for bibkey in query.get("bibkeys", "").split(","):
        record = _find(catalogue, records, bibkey)
        if record:
            found[bibkey] = _form(record, records, bibkey, query.get("jscmd", "viewapi"))
    if as_json or query.get("format") == "json":
        return json_response(found)
    script = b"var _OLBookInfo = " + msgspec.json.encode(found) + b";"
    return Response(200, script, {}, "application/javascript")


def _find(catalogue: Catalogue, records: Records, bibkey: str) -> Record | None:
    scheme, _, value = bibkey.rpartition(":")
    if scheme.upper() == "OLID":
        record = records.get(f"/books/{value}")
    elif scheme.upper() in ("", "ISBN"):
        number = catalogue.number(value)
        key = None if number is None else records.key_of_isbn(number)
        record = records.get(key) if key else None
    else:
        record = None
    return record if record and record["type"]["key"] == "/type/edition" else None


def _form(record: Record, records: Records, bibkey: str, command: str) -> dict[str, Any]:
    address = f"{SITE}{record['key']}"
    if command == "data":
        return _data(record, records, address)
    view = {
        "bib_key": bibkey,
        "info_url": f"{address}/{record['title'].replace(' ', '_')}",
        "preview": "noview",
        "preview_url": address,
    }
    cover = next((cover for cover in record.get("covers", []) if cover and cover > 0), None)
    if cover:
        view["thumbnail_url"] = f"https://covers.openlibrary.org/b/id/{cover}-S.jpg"
    return {**view, "details": record} if command == "details" else view


def _data(record: Record, records: Records, address: str) -> dict[str, Any]:
    authors = [records.get(author["key"]) for author in record.get("authors", [])]
    identifiers = {name: record[name] for name in ("isbn_10", "isbn_13") if record.get(name)}
    whole = {
        "url": f"{address}/{record['title'].replace(' ', '_')}",
        "key": record["key"],
        "title": record["title"],
        "subtitle": record.get("subtitle"),
        "authors": [
            {"url": SITE + author["key"], "name": author["name"]} for author in authors if author and "name" in author
        ],
        "number_of_pages": record.get("number_of_pages"),
        "identifiers": {**identifiers, "openlibrary": [record["key"].removeprefix("/books/")]},
        "publishers": [{"name": name} for name in record.get("publishers", [])],
        "publish_date": record.get("publish_date"),
        "subjects": [{"name": name, "url": f"{SITE}/subjects/{name}"} for name in record.get("subjects", []) if name],
    }
    return {name: value for name, value in whole.items() if value}
