"""What each fault of Wikipedia's server becomes."""

from typing import Final

from tests.providers.failures import rows
from tests.providers.open_library.outcomes import FAILED

# Titles move: the page under the title that Wikidata names may be about somebody else, and says so.
FAILURES: Final = rows("wikipedia", "author", {**FAILED, "404": "NotFound", "wrong book": "NotFound"})
