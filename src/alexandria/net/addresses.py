"""Addresses that somebody else gave: read strictly, and told apart into everybody's and private ones. Pure.

A host may be written so that two programs understand it differently (`2130706433`, `0x7f.1`, `017700000001`, full-width
digits). What is asked here is the only parser: a host that is no plain name and no plain address is refused.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal

import httpx2

from alexandria.errors import AlexandriaError

Reason = Literal["address", "scheme", "credentials", "host", "port", "private", "unexpected", "redirect"]
Address = IPv4Address | IPv6Address
LONGEST = 2_048  # characters
PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\Z")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")  # a last label by which other programs take the host for an address
_BEYOND_ASCII = re.compile(r"[^\x21-\x7e]")
# IANA's registries of special-purpose addresses, and what is multicast or reserved
_PRIVATE_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_GLOBAL_6 = ip_network("2000::/3")  # all that is given out
_PRIVATE_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_TRANSLATED = ip_network("64:ff9b::/96")  # how a network without IPv4 writes everybody's IPv4 addresses


class UrlRefused(AlexandriaError):
    """An address is not asked, and why; `reason` is that in one word."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a URL asks: scheme, host in lower case without brackets, port."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


def read_target(url: str) -> Target:
    """Whom a URL asks. Raises UrlRefused for what is no plain http or https address."""
    url = url.strip()
    if not url or len(url) > LONGEST or "\\" in url or any(not each.isprintable() or each == " " for each in url):
        raise UrlRefused("address", f"the address must be an http or https one of up to {LONGEST:,} characters")
    try:
        parsed = httpx2.URL(url.partition("#")[0])
        port = parsed.port
    except (httpx2.InvalidURL, ValueError):
        raise UrlRefused("host", "the address does not name a host in the usual form") from None
    if parsed.scheme not in PORTS:
        raise UrlRefused("scheme", "the address must begin with http:// or https://")
    if parsed.userinfo or "@" in re.split(r"[/?#]", url.partition("//")[2], maxsplit=1)[0]:
        raise UrlRefused("credentials", "the address must not hold a user name or password")
    host = _read_host(parsed.raw_host.decode("latin-1").lower())
    return Target(str(parsed.copy_with(host=host)), parsed.scheme, host, port or PORTS[parsed.scheme])


def _read_host(host: str) -> str:
    host = host.strip("[]").removesuffix(".")
    if read_address(host) is not None:
        return host
    last = host.rpartition(".")[2]
    if ":" in host or _NUMBER.match(last):
        raise UrlRefused("host", "the address names its host by a number in an unusual form")
    if _BEYOND_ASCII.search(host) or not _NAME.match(host):
        raise UrlRefused("host", "the address does not name a host")
    return host


def read_address(text: str) -> Address | None:
    """The address that a text is in its usual form, else None: no zones, no leading zeros, no short forms."""
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is somebody's on the internet: not this machine, not this network, not special in any way."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None)
        if inner is None:
            return address in _GLOBAL_6 and not any(address in network for network in _PRIVATE_6)
        address = inner
    return not any(address in network for network in _PRIVATE_4)
