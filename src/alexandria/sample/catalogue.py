"""The sample catalogue: some sixty real editions and enough invented ones to make 300, in dump format.

`catalogue.jsonl` holds the real ones, each with the fixture file (`source`) and the record in it (`from`) where
its facts stand. They are Open Library's (no rights asserted): keys, titles, names, numbers, short subjects, no prose.
Revision and dates are those of the recorded dump line; a record pieced together from a search answer has revision
1 and, where the answer names no date, 1970. A work or author without a record of its own in the fixtures has what
its edition says of it: the work its title, the author a name out of the statement of responsibility.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec

from alexandria.sample import synthetic
from alexandria.sample.lines import Record, dump_path, write_lines

SAMPLE_EDITIONS = 300


class Entry(msgspec.Struct, frozen=True, rename={"origin": "from"}):
    """A real record and where its facts stand: a file of the Open Library fixtures and a key in it."""

    source: str
    origin: str
    record: Record


class SampleIsbns(msgspec.Struct, frozen=True):
    """ISBNs worth showing, all in the catalogue except `miss`."""

    hit: str = "9780743273565"  # The Great Gatsby
    translated: str = "9780486437910"  # The Brothers Karamazov; its record has the Cyrillic title too
    script: str = "9789999900218"  # an invented Greek edition: real fixture titles are all in Latin letters
    shared: str = "9780007137305"  # two Collins editions of Sabriel
    isbn10_only: str = "207042779X"  # Les ombres errantes, recorded with an ISBN-10 and without a work
    many_editions: str = "9788478710539"  # the Spanish one among nine editions of Sabriel
    redirected: str = "9789999900171"  # its work is found through two redirects
    prefix_979: str = "9799000000134"
    miss: str = str(synthetic.MISSING_ISBN)


def sample_isbns() -> SampleIsbns:
    """The ISBNs that the demo and the documentation show."""
    return SampleIsbns()


def real_entries() -> list[Entry]:
    """The real records with their sources, sorted by type and key number."""
    text = files("alexandria.sample").joinpath("catalogue.jsonl").read_bytes()
    return [msgspec.json.decode(line, type=Entry) for line in text.splitlines()]


def sample_records() -> dict[str, list[Record]]:
    """All records of the sample by kind (`lines.KINDS`), real ones first."""
    real: dict[str, list[Record]] = {"author": [], "work": [], "edition": [], "redirect": [], "delete": []}
    for entry in real_entries():
        real[entry.record["type"]["key"].removeprefix("/type/")].append(entry.record)
    missing = SAMPLE_EDITIONS - len(real["edition"])
    invented: dict[str, Iterator[Record]] = {
        "author": synthetic.author_records(missing),
        "work": synthetic.work_records(missing),
        "edition": synthetic.edition_records(missing),
        "redirect": synthetic.redirect_records(),
        "delete": synthetic.delete_records(),
    }
    return {f"{kind}s": [*records, *invented[kind]] for kind, records in real.items()}


def write_sample(directory: Path) -> list[Path]:
    """The five dump files written into `directory` (made if it is missing); always the same bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    return [write_lines(dump_path(directory, kind), records) for kind, records in sample_records().items()]
