"""What the chain reads about Open Library before it asks."""

from typing import Final

from alexandria.providers.provider import Price, Profile

BUCKET: Final = "open-library"
MOST_KEYS: Final = 100  # in one get_many

PROFILE: Final = Profile(
    name="open-library",
    bucket=BUCKET,
    licence="open",
    prices={  # requests at worst: the redirect of /isbn/, the work, the names of its authors
        "edition_by_isbn": Price(request=4),
        "edition_by_key": Price(request=3),
        "work_by_key": Price(request=2),
        "work_by_text": Price(),
        "author_by_key": Price(),
    },
)
