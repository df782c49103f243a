"""ISBNs as people write them, as thirteen digits: so that nothing is sent that cannot be one. Pure."""

import re
import unicodedata
from typing import Final

from alexandria.client.errors import InvalidIsbn

LONGEST: Final = 200  # characters
_LABEL: Final = re.compile(r"^\W*(?:urn:)?(?:e-?|p-?)?(?:isbn|ean)(?:[- ]?1[03](?![0-9]))?[\s:.#=]*", re.IGNORECASE)
_REMARK: Final = re.compile(r"[(\[][^()\[\]]*[)\]]")
_FORM: Final = re.compile(r"[0-9]{9}(?:[0-9X](?:[0-9]{3})?)?")
_PLACEHOLDER: Final = re.compile(r"([0-9])\1{8}")


def isbn13(text: str) -> str:
    """The thirteen digits of an ISBN-10, ISBN-13 or SBN in any usual form. Raises InvalidIsbn, which says why."""
    if not isinstance(text, str):
        raise InvalidIsbn(f"an ISBN is text, not {type(text).__name__}")
    if len(text) > LONGEST:
        raise InvalidIsbn(f"too long for an ISBN: {len(text)} characters")
    plain = _REMARK.sub("", _LABEL.sub("", unicodedata.normalize("NFKC", text))).upper()
    digits = "".join(sign for sign in plain if not (sign.isspace() or unicodedata.category(sign) in ("Pd", "Cf")))
    if not _FORM.fullmatch(digits):
        raise InvalidIsbn(f"not an ISBN: {_shown(text)}; expected 10 or 13 digits")
    if len(digits) == 13:
        return _checked13(digits, text)
    return _from10(digits if len(digits) == 10 else "0" + digits, text)


def isbn10(isbn: str) -> str | None:
    """The ten-character form of thirteen digits, or None for 979, which has none."""
    if not isbn.startswith("978"):
        return None
    nine = isbn[3:12]
    return nine + "0123456789X"[_check10(nine)]


def _checked13(digits: str, text: str) -> str:
    if not digits.isdigit() or not digits.startswith(("978", "979")) or digits.startswith("9790"):
        raise InvalidIsbn(f"not a book's number: {_shown(text)}; thirteen digits begin with 978 or 979")
    if int(digits[12]) != (expected := _check13(digits[:12])):
        raise InvalidIsbn(f"wrong check digit: {_shown(text)} should end with {expected}")
    if digits.startswith("978") and _PLACEHOLDER.fullmatch(digits[3:12]):
        raise InvalidIsbn(f"a placeholder, not an ISBN: {_shown(text)}")
    return digits


def _from10(digits: str, text: str) -> str:
    nine = digits[:9]
    if "0123456789X".index(digits[9]) != (expected := _check10(nine)):
        raise InvalidIsbn(f"wrong check digit: {_shown(text)} should end with {'0123456789X'[expected]}")
    if _PLACEHOLDER.fullmatch(nine):
        raise InvalidIsbn(f"a placeholder, not an ISBN: {_shown(text)}")
    return f"978{nine}{_check13('978' + nine)}"


def _check13(twelve: str) -> int:
    return -sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(twelve)) % 10


def _check10(nine: str) -> int:
    return -sum(int(sign) * (10 - place) for place, sign in enumerate(nine)) % 11


def _shown(text: str) -> str:
    return repr(text.strip()[:40])
