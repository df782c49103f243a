"""Google Books: volumes by ISBN, title and author. Its answers are checked: it likes to answer with another book.

`client` asks, `judge` understands its refusals, `wire` and `parse` know its volume.
"""

from alexandria.providers.google_books.client import GoogleBooks
from alexandria.providers.google_books.profile import profile

__all__ = ["GoogleBooks", "profile"]
