"""From the text of a variable to its value: each raises ValueError with what it must be."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

PREFIX = "ALEXANDRIA_"


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting as its user sees it: its name without the prefix, its default as text ("" for none), its help."""

    name: str
    default: str
    help: str
    example: str = ""


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def read(parse: Callable[[str], Any], name: str, text: str, problems: list[str]) -> Any:
    """The value of a text; None, and one more line in `problems`, when it is not one."""
    try:
        return parse(text)
    except ValueError as error:
        shown = "" if name.lower().endswith(("_url", "_urls", "_key")) else f", not {text!r}"  # these may hold a secret
        problems.append(f"{variable(name)} {error}{shown}")
        return None


def database_url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must look like postgresql://user@host/database")
    return text


def port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("must be a port number from 1 to 65535")
    return int(text)


def count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ValueError("must be a whole number of 1 or more")
    return int(text)


def amount(text: str) -> int:
    if not text.isdigit():
        raise ValueError("must be a whole number of 0 or more")
    return int(text)


def rate(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not 0 < float(text) <= 1_000_000:
        raise ValueError("must be a number above 0, in requests a second")
    return float(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not 0 < float(text) <= 3600:
        raise ValueError("must be a number of seconds above 0")
    return float(text)


def yes_or_no(text: str) -> bool:
    value = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if text.lower() not in value:
        raise ValueError("must be true or false")
    return value[text.lower()]


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("must be " + " or ".join(f"'{choice}'" for choice in choices))
        return text

    return parse


def path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise ValueError("must look like https://host/path")
    return text.rstrip("/")


def secret(text: str) -> str:
    if not text.isprintable() or not text.isascii() or " " in text:
        raise ValueError("must be printable ASCII without blanks")
    return text


def bootstrap_key(text: str) -> str:
    if len(secret(text)) < 16:
        raise ValueError("must have 16 characters or more: it opens everything")
    return text


def contact(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x27\x2a-\x7e]+", text):  # it stands in brackets in a header
        raise ValueError("must be an e-mail address or a web page, without blanks and brackets")
    return text


def networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part.strip(), strict=False)) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8, with commas between") from None


def store_url(text: str) -> str:
    if not re.fullmatch(r"file:///[^\s?#]+|(?!http|file)[a-z][a-z0-9]{1,9}://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("must look like file:///folder or s3://bucket/folder, without credentials")
    return text.rstrip("/")


def hosts(text: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in text.split(","))
    if not all(re.fullmatch(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", part) for part in found):
        raise ValueError("must be hosts such as media.example.lan or 10.0.0.5:8080, with commas between")
    return found


def alert_urls(text: str) -> tuple[str, ...]:
    found = tuple(re.split(r"\s+|,(?=[a-zA-Z][a-zA-Z0-9+.-]*://)", text))
    if not all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s]+", part) for part in found):
        raise ValueError("must be URLs that apprise knows, such as mailto://… or ntfy://…, with blanks between")
    return found


def origins(text: str) -> tuple[str, ...]:
    found = tuple(part.strip().rstrip("/") for part in text.split(","))
    if not all(part == "*" or re.fullmatch(r"https?://[^\s/?#]+", part) for part in found):
        raise ValueError("must be origins such as https://books.example.org with commas between, or *")
    return found
