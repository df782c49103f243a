"""Wikipedia: the first paragraph about an author whom Wikidata knows, with the link that its licence asks for."""

from alexandria.providers.wikipedia.client import Wikipedia
from alexandria.providers.wikipedia.profile import PROFILE

__all__ = ["PROFILE", "Wikipedia"]
