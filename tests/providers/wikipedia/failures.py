"""What each fault of Wikipedia's server becomes."""

from typing import Final

from tests.providers.failures import rows
from tests.providers.open_library.outcomes import FAILED

FAILURES: Final = rows("wikipedia", "author", {**FAILED, "404": "NotFound", "wrong book": "Malformed"})
