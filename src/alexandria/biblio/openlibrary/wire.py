"""What Open Library sends: strict shapes with only the fields that are kept.

Nearly every record fits; msgspec checks the types while it decodes, so the code that reads them need not.
"""

import msgspec


class Ref(msgspec.Struct, gc=False):
    """A reference by key: `{"key": "/works/OL1W"}`."""

    key: str


class Role(msgspec.Struct, gc=False):
    """An author of a work: `{"author": {"key": …}, "type": …}`."""

    author: Ref


class TextValue(msgspec.Struct, gc=False):
    """Long text: `{"type": "/type/text", "value": "…"}`."""

    value: str = ""


class Contributor(msgspec.Struct, gc=False, omit_defaults=True):
    """Somebody who is not the author: a translator, an illustrator."""

    name: str
    role: str | None = None


Text = str | TextValue | None
Line = str | None
Lines = list[str] | None
Refs = list[Ref] | None
Roles = list[Role] | None
Numbers = list[int | None] | None
TextLists = dict[str, list[str]] | None
TextMap = dict[str, str] | None
Contributors = list[Contributor] | None
Whole = int | None


class EditionWire(msgspec.Struct, gc=False):
    """The fields of `/type/edition` that are kept."""

    title: Line = None
    title_prefix: Line = None
    full_title: Line = None
    subtitle: Line = None
    works: Refs = None
    authors: Refs = None
    contributors: Contributors = None
    contributions: Lines = None
    by_statement: Line = None
    isbn_10: Lines = None
    isbn_13: Lines = None
    lccn: Lines = None
    oclc_numbers: Lines = None
    oclc_number: Lines = None
    identifiers: TextLists = None
    dewey_decimal_class: Lines = None
    lc_classifications: Lines = None
    publishers: Lines = None
    publish_places: Lines = None
    publish_date: Line = None
    languages: Refs = None
    translated_from: Refs = None
    translation_of: Line = None
    number_of_pages: Whole = None
    physical_format: Line = None
    covers: Numbers = None
    description: Text = None
    subjects: Lines = None
    genres: Lines = None
    series: Lines = None
    edition_name: Line = None
    ocaid: Line = None


class WorkWire(msgspec.Struct, gc=False):
    """The fields of `/type/work` that are kept."""

    title: Line = None
    subtitle: Line = None
    authors: Roles = None
    description: Text = None
    subjects: Lines = None
    subject_places: Lines = None
    subject_people: Lines = None
    subject_times: Lines = None
    covers: Numbers = None
    first_publish_date: Line = None
    dewey_number: Lines = None
    lc_classifications: Lines = None


class AuthorWire(msgspec.Struct, gc=False):
    """The fields of `/type/author` that are kept."""

    name: Line = None
    personal_name: Line = None
    fuller_name: Line = None
    alternate_names: Lines = None
    title: Line = None
    entity_type: Line = None
    birth_date: Line = None
    death_date: Line = None
    date: Line = None
    bio: Text = None
    photos: Numbers = None
    remote_ids: TextMap = None
    wikipedia: Line = None


class RedirectWire(msgspec.Struct, gc=False):
    """The fields of `/type/redirect` and `/type/delete`; some still carry ISBNs of what they were."""

    location: Line = None
    isbn_10: Lines = None
    isbn_13: Lines = None


Wire = EditionWire | WorkWire | AuthorWire | RedirectWire

TYPES: dict[str, type[Wire]] = {
    "/type/edition": EditionWire,
    "/type/work": WorkWire,
    "/type/author": AuthorWire,
    "/type/redirect": RedirectWire,
    "/type/delete": RedirectWire,
}
