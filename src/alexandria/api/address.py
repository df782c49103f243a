"""Where a request comes from, behind proxies too. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

MOST_HOPS = 32  # entries of X-Forwarded-For that are looked at, from the right
LONGEST = 64  # characters of an address with brackets, zone and port
FORWARDING = frozenset((b"x-forwarded-for", b"forwarded", b"x-real-ip"))  # whoever sends one is no direct caller


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its shortest form. `network` is what limits count: the address itself, or an IPv6 one's /64."""

    ip: IPv4Address | IPv6Address | None
    text: str
    network: str
    is_loopback: bool = False


NOWHERE = Address(None, "", "")


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """The address in a text such as `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `"[2001:db8::1]:443"`.

    An IPv4 address written as IPv6 is given as IPv4. None for everything else.
    """
    text = text.strip('"')
    if text.startswith("[") and "]" in text:
        text, _, port = text[1:].partition("]")
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
    else:
        port = ""
    if port and not port.removeprefix(":").isdecimal():
        return None
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if isinstance(ip, IPv4Address):
        return Address(ip, str(ip), str(ip), ip.is_loopback)
    return Address(ip, str(ip), str(ip_network((int(ip) >> 64 << 64, 64))), ip.is_loopback)


class Proxies:
    """The proxies whose X-Forwarded-For is believed."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(text) for text in networks)

    def caller(self, peer: str, forwarded: Sequence[bytes]) -> Address:
        """The address of who asks: the peer, or the first from the right in X-Forwarded-For that is no proxy of ours.

        `forwarded` holds the values of that header. Where all of them are our proxies it is the first of all. An entry
        that is no address ends the search: then it is the proxy that passed it on, since whoever is behind is unknown.
        """
        found = _parsed(peer) or NOWHERE
        if not forwarded or not self._trusts(found):
            return found
        entries = [entry for entry in b",".join(forwarded).decode("latin-1").split(",") if entry.strip()]
        for entry in reversed(entries[-MOST_HOPS:]):
            hop = _parsed(entry.strip())
            if hop is None:
                break
            found = hop
            if not self._trusts(hop):
                break
        return found

    def _trusts(self, address: Address) -> bool:
        return address.ip is not None and any(address.ip in network for network in self._networks)


def _parsed(text: str) -> Address | None:
    return parse_address(text) if len(text) <= LONGEST else None
