"""What each provider asks of us: address, key, pace, day, batch."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from alexandria.config import values
from alexandria.config.values import Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One provider. `rate` in requests a second; `daily_limit` units (None: none) of which `buffer` are never used."""

    name: str
    bucket: str
    url: str
    api_key: str | None = field(default=None, repr=False)
    rate: float = 1.0
    daily_limit: int | None = None
    buffer: int = 0
    batch: int = 1
    batch_cost: str = "isbn"
    timeout: float = 15.0
    enabled: bool = True


_WIKIMEDIA_RATE = 1.0
_PLANS = {"basic": (1.0, 1_000, 100), "premium": (3.0, 15_000, 1_000), "pro": (5.0, 15_000, 1_000)}
_PARSERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "url": (values.web_address, "its address"),
    "api_key": (values.secret, "our key there"),
    "rate": (values.rate, "requests a second that it allows; we use 90 % of them"),
    "daily_limit": (values.count, "units a day that it allows"),
    "buffer": (values.amount, "units of the day that are never used"),
    "batch": (values.count, "most items in one request"),
    "batch_cost": (values.one_of("isbn", "request"), "what a batch is charged by"),
    "timeout": (values.seconds, "seconds for one request"),
    "enabled": (values.yes_or_no, "whether it is asked at all"),
}
_COMMON = ("url", "timeout", "enabled")
_DEFAULTS: Mapping[str, tuple[ProviderSettings, tuple[str, ...]]] = {
    "ISBNDB": (
        ProviderSettings(name="isbndb", bucket="isbndb", url="https://api2.isbndb.com", batch=250),
        ("api_key", "rate", "daily_limit", "buffer", "batch", "batch_cost"),
    ),
    "GOOGLE_BOOKS": (
        ProviderSettings(
            name="google-books", bucket="google-books", url="https://www.googleapis.com/books/v1", daily_limit=1_000
        ),
        ("api_key", "rate", "daily_limit", "buffer"),
    ),
    "OPEN_LIBRARY": (
        ProviderSettings(
            name="open-library", bucket="open-library", url="https://openlibrary.org", rate=3.0, batch=100
        ),
        ("rate", "daily_limit", "buffer", "batch"),
    ),
    "OPEN_LIBRARY_COVERS": (
        ProviderSettings(
            name="open-library-covers",
            bucket="open-library-covers",
            url="https://covers.openlibrary.org",
            rate=3.0,
            timeout=20.0,
        ),
        ("rate", "daily_limit", "buffer"),
    ),
    "INTERNET_ARCHIVE": (
        ProviderSettings(
            name="internet-archive", bucket="internet-archive", url="https://archive.org", timeout=20.0
        ),
        ("rate", "daily_limit", "buffer"),
    ),
    "WIKIDATA": (
        ProviderSettings(name="wikidata", bucket="wikimedia", url="https://www.wikidata.org", batch=50),
        ("batch",),
    ),
    "WIKIDATA_SPARQL": (
        ProviderSettings(
            name="wikidata-sparql", bucket="wikimedia", url="https://query.wikidata.org", batch=100, timeout=60.0
        ),
        ("batch",),
    ),
    "WIKIPEDIA": (
        ProviderSettings(name="wikipedia", bucket="wikimedia", url="https://{language}.wikipedia.org"),
        (),
    ),
    "COMMONS": (
        ProviderSettings(name="commons", bucket="wikimedia", url="https://commons.wikimedia.org", timeout=20.0),
        (),
    ),
}  # fmt: skip
_PLAN = Variable(
    "isbndb_plan", "basic", "your ISBNdb plan: 'basic' (1 request/s, 1,000 a day), 'premium' (3/s, 15,000), 'pro' (5/s)"
)
_WIKIMEDIA = Variable("wikimedia_rate", f"{_WIKIMEDIA_RATE:g}", "requests a second to all hosts of Wikimedia together")


def provider_variables() -> Iterator[Variable]:
    """Every variable of every provider, as its user sees it."""
    for prefix, (default, own) in _DEFAULTS.items():
        if prefix == "ISBNDB":
            yield _PLAN
        if prefix == "WIKIDATA":
            yield _WIKIMEDIA
        for name in (*_COMMON[:1], *own, *_COMMON[1:]):
            yield Variable(f"{prefix.lower()}_{name}", _shown(prefix, default, name), f"{default.name}: {_help(name)}")


def _shown(prefix: str, default: ProviderSettings, name: str) -> str:
    if prefix == "ISBNDB" and name in ("rate", "daily_limit", "buffer"):
        return ""  # by the plan
    value = getattr(default, name)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _help(name: str) -> str:
    return _PARSERS[name][1]


def read_providers(texts: Mapping[str, str], problems: list[str]) -> Mapping[str, ProviderSettings]:
    """The settings of each provider by its name; whatever is wrong is added to `problems`."""
    found = {}
    shared = _given(texts, _WIKIMEDIA.name, values.rate, problems) or _WIKIMEDIA_RATE
    for prefix, (default, own) in _DEFAULTS.items():
        given = {
            name: value
            for name in (*_COMMON, *own)
            if (value := _given(texts, f"{prefix.lower()}_{name}", _PARSERS[name][0], problems)) is not None
        }
        if prefix == "ISBNDB":
            given = _planned(_given(texts, _PLAN.name, values.one_of(*_PLANS), problems) or "basic", given)
        if default.bucket == "wikimedia":
            given["rate"] = shared
        settings = replace(default, **given)
        if settings.daily_limit is not None and settings.buffer >= settings.daily_limit:
            problems.append(f"{values.variable(prefix + '_buffer')} must be less than the daily limit")
        found[settings.name] = settings
    return MappingProxyType(found)


def _planned(plan: str, given: dict[str, Any]) -> dict[str, Any]:
    """What a plan of ISBNdb says, with what was given over it; the buffer is 2/15 of the day."""
    rate, day, most = _PLANS[plan]
    planned = {"rate": rate, "daily_limit": day, **given}
    planned.setdefault("buffer", -(-planned["daily_limit"] * 2 // 15))
    planned["batch"] = min(given.get("batch", 250), most)
    return planned


def _given(texts: Mapping[str, str], name: str, parse: Callable[[str], Any], problems: list[str]) -> Any:
    text = texts.get(values.variable(name), "").strip()
    return values.read(parse, name, text, problems) if text else None
