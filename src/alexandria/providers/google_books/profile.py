"""What Google Books can do, and for which price."""

from alexandria.config import ProviderSettings
from alexandria.providers.provider import Price, Profile


def profile(settings: ProviderSettings) -> Profile:
    """Google Books as the chain sees it: no batches, one unit a request."""
    return Profile(
        name=settings.name,
        bucket=settings.bucket,
        licence="proprietary",
        prices={"edition_by_isbn": Price(), "editions_by_text": Price()},
    )
