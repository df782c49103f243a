"""What each fault of Open Library's server becomes."""

from typing import Final

from tests.providers.failures import rows
from tests.providers.open_library.outcomes import FAILED

FAILURES: Final = [
    *rows("open-library", "edition", {**FAILED, "404": "NotFound", "wrong book": "Malformed"}),
    # an unknown ISBN is told with a web page
    *rows("open-library", "edition by isbn", {**FAILED, **dict.fromkeys(("404", "404 page"), "NotFound")}),
    *rows("open-library", "edition by isbn", {"wrong book": "Malformed"}),
    *rows("open-library", "get_many", {**FAILED, "wrong book": "Many"}),  # its key is then among the unreadable
    *rows("open-library", "recent changes", FAILED),
    *rows("open-library", "search", FAILED),
]  # fmt: skip
