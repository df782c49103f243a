"""Pictures that say that there is no picture, known by the hash of their bytes. Pure.

Others that turn up can be marked wrong everywhere (`POST /api/covers/wrong`).
"""

import hashlib
from typing import Final

_KNOWN: Final = frozenset(
    (
        "e5353299dd4c0c47a1015bf3cab385674424cb792ac6edf31010f994e3b9bebf",  # BookWyrm, no_cover.jpg
    )
)


def is_known(data: bytes) -> bool:
    """Whether these bytes are such a picture."""
    return hashlib.sha256(data).hexdigest() in _KNOWN
