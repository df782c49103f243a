"""Open Library's record shapes, for the dumps and for its web API alike.

`wire` holds the strict shapes; nearly every record fits and is checked while it is decoded. A record that does not
(a number as text, null in a list, an author one level deeper: all of it is real) is repaired field by field into
the same shapes by `repair`, so that `shape`, which makes our records of them field by field (`fields`), has one kind of
input.
"""

from alexandria.biblio.openlibrary.repair import decode_wire
from alexandria.biblio.openlibrary.shape import read_record
from alexandria.biblio.openlibrary.wire import TYPES

__all__ = ["TYPES", "decode_wire", "read_record"]
