"""What `doctor` asks of the providers: whether they answer, take our key and what they allow, one request each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from alexandria.config import ProviderSettings, Settings, variable
from alexandria.errors import ProviderFailed
from alexandria.net.identity import is_loopback

if TYPE_CHECKING:
    from alexandria.wiring import Services

KNOWN_ISBN, UNLIKELY_ISBN = 9780140328721, 9780000000002
KNOWN_AUTHOR = 34184  # OL34184A
KNOWN_ITEM, KNOWN_TITLE = "Q25161", "Roald Dahl"
SECONDS = 20.0  # of patience for one provider
NEED_KEY = ("isbndb", "google-books")


class Checked(NamedTuple):
    """What was found about a provider, and what to do about it."""

    name: str
    level: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""


Asking = Callable[[Any], Awaitable[str | Checked]]


def check_providers(settings: Settings, database_url: str) -> Iterator[Checked]:
    """What there is to say about each provider; those that are set up are asked, once."""
    waiting = []
    for name in _ASKING:
        lacking = _lacking(settings.providers[name], settings.contact)
        if lacking:
            yield lacking
        else:
            waiting.append(name)
    if waiting:
        yield from asyncio.run(_ask_all(settings, database_url, waiting))


def _lacking(provider: ProviderSettings, contact: str | None) -> Checked | None:
    """Why a provider is not asked."""
    prefix = provider.name.replace("-", "_")
    if not provider.enabled:
        return Checked(provider.name, "ok", "switched off")
    if provider.name in NEED_KEY and provider.api_key is None:
        return Checked(provider.name, "warn", "no key", f"set {variable(prefix + '_api_key')} to have it asked")
    if contact is None and not is_loopback(urlsplit(provider.url).hostname or ""):
        return Checked(provider.name, "warn", "nobody says who asks", f"set {variable('contact')} to have it asked")
    return None


async def _ask_all(settings: Settings, url: str, names: list[str]) -> list[Checked]:
    from alexandria.db import Database
    from alexandria.wiring import make_services

    database = Database(url)
    await database.open()
    services = make_services(settings, database)
    try:
        return [await _ask(services, name) for name in names]
    finally:
        await services.close()
        await database.close()


async def _ask(services: "Services", name: str) -> Checked:
    from alexandria.quota.breakers import SharedBreakers

    bucket = services.settings.providers[name].bucket
    await SharedBreakers(services.database).forget(bucket)  # whoever runs this may have mended what was wrong
    try:
        said = await _ASKING[name](services)
    except ProviderFailed as error:
        return Checked(name, "fail", str(error), "see its settings, and `alexandria quota status`")
    if isinstance(said, Checked):
        return said
    return Checked(name, "ok", f"{said} (one request was spent on asking)")


async def _isbndb(services: "Services") -> str | Checked:
    from alexandria.ops.reconcile import reconcile

    allowance = await reconcile(services.isbndb(), services.ledger, SECONDS)
    planned = services.settings.providers["isbndb"].daily_limit
    if planned and allowance.total is not None and allowance.total < planned:
        found = f"{allowance.total:,} units a day (plan {allowance.plan or 'unknown'}), {planned:,} by the settings"
        advice = (
            f"set {variable('isbndb_plan')} to what is paid for, or {variable('isbndb_daily_limit')}={allowance.total}"
        )
        return Checked("isbndb", "warn", found, advice)
    return f"plan {allowance.plan or 'unknown'}, {allowance.left} of {allowance.total} units left today"


async def _google_books(services: "Services") -> str:
    from alexandria.providers.google_books.client import GoogleBooks

    google = GoogleBooks(services.client, services.settings.providers["google-books"])
    await google.by_isbn(KNOWN_ISBN, lane="interactive", patience=SECONDS)
    return "answers, and takes the key"


async def _open_library(services: "Services") -> str:
    from alexandria.providers.open_library.client import OpenLibrary

    open_library = OpenLibrary(services.client, services.settings.providers["open-library"])
    await open_library.author(KNOWN_AUTHOR, lane="interactive", patience=SECONDS)
    return "answers"


async def _wikidata(services: "Services") -> str:
    from alexandria.providers.wikidata.client import Wikidata

    providers = services.settings.providers
    wikidata = Wikidata(services.client, providers["wikidata"], providers["wikidata-sparql"])
    await wikidata.edition_by_isbn(UNLIKELY_ISBN, lane="interactive", patience=SECONDS)
    return "answers"


async def _wikipedia(services: "Services") -> str:
    from alexandria.providers.wikipedia.client import Wikipedia

    wikipedia = Wikipedia(services.client, services.settings.providers["wikipedia"])
    await wikipedia.author(KNOWN_ITEM, KNOWN_TITLE, lane="interactive", patience=SECONDS)
    return "answers"


_ASKING: dict[str, Asking] = {
    "isbndb": _isbndb,
    "google-books": _google_books,
    "open-library": _open_library,
    "wikidata": _wikidata,
    "wikipedia": _wikipedia,
}
