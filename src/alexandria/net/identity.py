"""Who we are to others, whom we believe, and what of a URL may be shown."""

import ipaddress
import re
import ssl
from functools import cache

import httpx2

from alexandria import __version__
from alexandria.net.retry import ContactMissing


def user_agent(contact: str | None) -> str:
    """The one name of this program on every request, with the contact that its operator set."""
    return f"Alexandria/{__version__}{f' (+{contact})' if contact else ''} httpx2/{httpx2.__version__}"


def check_contact(contact: str | None, host: str) -> None:
    """Nothing; raises ContactMissing for a host that is not this machine, where nobody says who asks."""
    if not contact and not is_loopback(host):
        raise ContactMissing(
            f"no request to {host} without a contact: "
            "set ALEXANDRIA_CONTACT to your e-mail address or web page (it is told to the hosts we ask)"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: str) -> str:
    """A URL for messages: without what may be secret in it."""
    return re.sub(r"//[^/?#]*@", "//", url).partition("?")[0]


@cache
def certificates() -> ssl.SSLContext:
    """What certificates are believed: reading them takes a twentieth of a second, so once for a process."""
    return httpx2.create_ssl_context()
