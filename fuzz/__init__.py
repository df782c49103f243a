"""Hostile bytes for whatever reads what others wrote: one module for each parser.

Each has `check(data)`, which returns nothing and raises only when the parser broke a promise (an error other than its
own, or a result that cannot be stored), and `seeds(fixtures)`, the recorded answers to begin from. `corpus/NAME/` holds
cases of ours that were, or would be, a way in; the tests go through them (tests/fuzz).

`python -m fuzz NAME` lets atheris look for more (`make fuzz`).
"""

TARGETS = (
    "dump_lines",
    "isbndb",
    "google_books",
    "open_library",
    "wikidata",
    "wikipedia",
    "isbn",
    "dates",
    "images",
    "queries",
    "cursors",
)
