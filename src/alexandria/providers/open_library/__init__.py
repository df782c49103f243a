"""Open Library: editions, works and authors by key, editions by ISBN, works by text, and what changed on a day."""

from alexandria.providers.open_library.changes import Change, Changeset, Page
from alexandria.providers.open_library.client import OpenLibrary
from alexandria.providers.open_library.profile import PROFILE
from alexandria.providers.open_library.records import Fetched, Many

__all__ = ["PROFILE", "Change", "Changeset", "Fetched", "Many", "OpenLibrary", "Page"]
