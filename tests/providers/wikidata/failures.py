"""What each fault of Wikidata's servers becomes; its interfaces never answer 404 for what is not there."""

from typing import Final

from tests.providers.failures import rows
from tests.providers.open_library.outcomes import FAILED

FAILURES: Final = [
    *rows("wikidata", "author by key: search", FAILED),
    *rows("wikidata", "author by key: item", {**FAILED, "wrong book": "Malformed"}),
    *rows("wikidata", "edition by isbn: item", {**FAILED, "wrong book": "Malformed"}),
    *rows("wikidata", "many authors: query", FAILED),
]
