"""MARC21 and MARCXML, as libraries read them."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from pymarc import Field, Indicators, Record, Subfield, record_to_xml_node

from alexandria.api.formats.item import Item

NAMESPACE = "http://www.loc.gov/MARC21/slim"
LONGEST = 8_000  # bytes of a field; ISO 2709 has room for 9,999
MOST_SUBJECTS = 100  # and for 99,999 in a record
NONE, TITLE_ADDED, FAMILY_FIRST = Indicators(" ", " "), Indicators("1", "0"), Indicators("1", " ")


def write_marc(items: Sequence[Item]) -> bytes:
    """The records in ISO 2709, UTF-8."""
    return b"".join(_record(item).as_marc() for item in items)


def write_marcxml(items: Sequence[Item]) -> bytes:
    """The records as one MARCXML collection."""
    ElementTree.register_namespace("", NAMESPACE)
    collection = ElementTree.Element(f"{{{NAMESPACE}}}collection")
    for item in items:
        node = record_to_xml_node(_record(item))
        for element in node.iter():
            element.tag = f"{{{NAMESPACE}}}{element.tag}"
        collection.append(node)
    return bytes(ElementTree.tostring(collection, encoding="utf-8", xml_declaration=True))


def _record(item: Item) -> Record:
    record = Record(force_utf8=True, leader="00000nam a2200000 i 4500")
    record.add_field(Field(tag="001", data=item.key))
    record.add_field(Field(tag="008", data=_fixed(item)))
    for tag, indicators, subfields in _fields(item):
        told = [Subfield(code, _cut(value)) for code, value in subfields if value]
        if told:
            record.add_field(Field(tag=tag, indicators=indicators, subfields=told))
    return record


def _fixed(item: Item) -> str:
    """Field 008: date entered (none), one date of publication or none, place and language not told here."""
    year = f"{item.date.year:04d}" if item.date and 0 < item.date.year < 10_000 and item.date.span == 1 else None
    return f"000000{'s' if year else 'n'}{year or 'uuuu'}    xx{' ' * 18}und d"


def _fields(item: Item) -> Iterator[tuple[str, Indicators, Sequence[tuple[str, str | None]]]]:
    yield "020", NONE, [("a", item.isbn)]
    for lccn in item.identifiers.get("lccn", ())[:1]:
        yield "010", NONE, [("a", lccn)]
    for number in item.identifiers.get("oclc", ()):
        yield "035", NONE, [("a", f"(OCoLC){number}")]
    for place, name in enumerate(item.authors):
        indicators = FAMILY_FIRST if name.given else Indicators("0", " ")
        yield "100" if place == 0 else "700", indicators, [("a", name.inverted)]
    title = f"{item.title} :" if item.subtitle else item.title
    yield "245", Indicators("1" if item.authors else "0", "0"), [("a", title), ("b", item.subtitle)]
    yield "264", Indicators(" ", "1"), [("b", item.publisher), ("c", item.date_text)]
    yield "300", NONE, [("a", f"{item.pages} pages" if item.pages else None)]
    for credit in item.credits:
        yield "500", NONE, [("a", credit)]
    yield "520", NONE, [("a", item.description)]
    yield "546", NONE, [("a", item.language)]
    for subject in item.subjects[:MOST_SUBJECTS]:
        yield "653", NONE, [("a", subject[:500])]
    for contributor, role in item.contributors:
        yield "720", NONE, [("a", contributor), ("e", role)]
    yield "856", Indicators("4", "2"), [("u", item.url)]


def _cut(text: str) -> str:
    """The text on one line, no longer than a field may be."""
    return " ".join(text.split()).encode()[:LONGEST].decode(errors="ignore")
