"""What the chain reads about Wikidata before it asks."""

from typing import Final

from alexandria.providers.provider import Price, Profile

BUCKET: Final = "wikimedia"  # one budget for all hosts of Wikimedia
MOST_ITEMS: Final = 50  # in one wbgetentities
MOST_KEYS: Final = 300  # in one SPARQL query

PROFILE: Final = Profile(
    name="wikidata",
    bucket=BUCKET,
    licence="open",
    prices={  # requests at worst: search, items, what they point at, labels of the rest
        "edition_by_isbn": Price(request=5),
        "author_by_key": Price(request=3),
        "author_by_identifier": Price(request=4),
        "author_by_name": Price(request=5),
    },
)
