"""Wikimedia: Wikidata's entities and query service, and Wikipedia. Their hosts count together."""
