"""Simulated providers: real HTTP servers that answer as ISBNdb, Google Books, Open Library, Wikidata and Wikipedia do.

Written from what the providers document, never from our own clients, or one misreading would hide on both sides. They
know one invented catalogue (`catalogue`), tell it each in its own messy way (`isbndb`, `google_books`,
`open_library`, `wikimedia`, `covers`), hold everybody to the documented limits and count whoever breaks them (`meter`),
and go wrong on the wire when they are told to (`faults`, `server`).
"""

from alexandria.simulator.launch import Simulator, SimulatorFailed

__all__ = ["Simulator", "SimulatorFailed"]
