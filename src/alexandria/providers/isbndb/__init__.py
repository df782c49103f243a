"""ISBNdb: books by ISBN, singly and in batches, by author, title and date of publication. Paid, one unit for each ISBN.

`client` asks, `judge` understands its refusals, `reading` makes of an answer what was asked for, `wire` and `parse`
know its book. `batch_size` adapts to what an answer can carry.
"""

from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.isbndb.profile import PAGE_SIZE, profile
from alexandria.providers.isbndb.results import Allowance, Batch, Page

__all__ = ["PAGE_SIZE", "Allowance", "Batch", "Isbndb", "Page", "profile"]
