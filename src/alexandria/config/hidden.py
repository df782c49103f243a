"""What of the settings must never be shown."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from alexandria.config.settings import Settings


def find_secrets(settings: Settings) -> frozenset[str]:
    """Every text of the settings that is secret, as it is written and as it is meant: keys, passwords, addresses that
    open something.
    """
    return frozenset(text for found in _found(settings) for text in (found, unquote(found)) if text)


def _found(settings: Settings) -> Iterator[str]:
    yield settings.internal_api_key or ""
    for provider in settings.providers.values():
        yield provider.api_key or ""
    for url in (settings.database_url, settings.database_direct_url, settings.traces_url):
        if url:
            yield _password(url)
            yield from _in_query(url)
    for url in settings.alert_urls:  # of many services, host, path and user are the key
        yield url
        rest = url.partition("://")[2]
        yield rest
        place, _, query = rest.partition("?")
        parts = (part for half in place.split("/") for part in half.replace("@", ":").split(":"))
        yield from (part for part in parts if not _is_host(part))
        yield from (pair.partition("=")[2] for pair in query.split("&"))


def _is_host(part: str) -> bool:
    """Whether it looks like the name or address of a machine, which is no secret and stands in other events, too."""
    return part == "localhost" or ("." in part and re.fullmatch(r"[A-Za-z0-9.-]+", part) is not None)


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:  # no address at all; whoever uses it says so
        return ""


def _in_query(url: str) -> Iterator[str]:
    for pair in url.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name.lower() == "password":
            yield value
