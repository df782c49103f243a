"""What the chain reads about Wikipedia before it asks."""

from typing import Final

from alexandria.providers.provider import Price, Profile

BUCKET: Final = "wikimedia"  # one budget for all hosts of Wikimedia

PROFILE: Final = Profile(
    name="wikipedia",
    bucket=BUCKET,
    licence="attribution",
    prices={"author_by_identifier": Price(request=2)},  # requests at worst: a title may lead to another
)
