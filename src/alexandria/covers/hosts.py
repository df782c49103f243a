"""Where pictures are: the hosts that are expected for each provider, and on whose account each of them is.

Pictures of Google Books and ISBNdb lie on other hosts than their data, which no plan counts. They have buckets of their
own, so that a picture never costs a unit of the day, and a picture's host that is ill does not silence the data's.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from alexandria.config import ProviderSettings, Settings
from alexandria.net.addresses import PORTS
from alexandria.net.ssrf import ELSEWHERE, Places
from alexandria.quota.policy import Policy, make_policies

GOOGLE: Final = "google-books-pictures"
ISBNDB: Final = "isbndb-pictures"
RATES: Final[Mapping[str, float]] = MappingProxyType(
    {GOOGLE: 2.0, ISBNDB: 2.0, ELSEWHERE: 5.0}
)  # requests a second of our own choice, where COVER_RATE is not set: nobody says what these allow
EXPECTED: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        "google-books": ("books.google.com", ".googleusercontent.com"),
        "open-library": (".openlibrary.org", ".archive.org"),
        "internet-archive": (".archive.org",),
        "wikidata": (".wikimedia.org",),
        "isbndb": (".isbndb.com",),
    }
)
_BUCKETS: Final = {
    "books.google.com": GOOGLE,
    ".googleusercontent.com": GOOGLE,
    ".isbndb.com": ISBNDB,
    "covers.openlibrary.org": "open-library-covers",
    ".openlibrary.org": "open-library",
    ".archive.org": "internet-archive",
    ".wikimedia.org": "wikimedia",
    ".wikipedia.org": "wikimedia",
    ".wikidata.org": "wikimedia",
}


def bucket_policies(settings: Settings) -> Mapping[str, Policy]:
    """What every bucket allows, by these settings: the providers', and those of hosts of pictures."""
    pictures = {bucket: Policy(bucket, settings.cover_rate or rate) for bucket, rate in RATES.items()}
    return {**make_policies(settings.providers), **pictures}


def make_places(settings: Settings) -> Places:
    """Whose hosts there are, by these settings: COVER_HOSTS, and the addresses of providers that were changed."""
    ours = Settings().providers
    moved = {
        origin: each.bucket
        for name, each in settings.providers.items()
        if each.url != ours[name].url
        for origin in _origins(each)
    }
    named = (host.replace("[", "").replace("]", "") for host in settings.cover_hosts)
    return Places(frozenset((*named, *moved)), frozenset(moved), MappingProxyType({**_BUCKETS, **moved}))


def _origins(provider: ProviderSettings) -> Iterator[str]:
    parts = urlsplit(provider.url)
    if parts.hostname and "{" not in parts.hostname:
        yield f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
