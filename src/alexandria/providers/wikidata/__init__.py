"""Wikidata: authors by their identifiers or by name with proof, editions by ISBN."""

from alexandria.providers.wikidata.client import Wikidata
from alexandria.providers.wikidata.parse.check import Sought
from alexandria.providers.wikidata.profile import PROFILE

__all__ = ["PROFILE", "Sought", "Wikidata"]
