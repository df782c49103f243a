"""What ISBNdb can do, and for which price."""

from alexandria.config import ProviderSettings
from alexandria.providers.provider import Price, Profile

PAGE_SIZE = 100  # editions on a page, the most it gives; a page costs one unit however many are on it
MOST_RESULTS = 10_000  # of one question, whatever its total


def profile(settings: ProviderSettings) -> Profile:
    """ISBNdb as the chain sees it: a batch costs one unit for each ISBN, or one in all on old subscriptions."""
    by_isbn = settings.batch_cost == "isbn"
    batch = Price(request=0, item=1, most=settings.batch) if by_isbn else Price(most=settings.batch)
    return Profile(
        name=settings.name,
        bucket=settings.bucket,
        licence="proprietary",
        prices={
            "edition_by_isbn": Price(),
            "editions_by_isbns": batch,
            "editions_of_author": Price(),
            "editions_by_text": Price(),
            "editions_by_date": Price(),
        },
    )
