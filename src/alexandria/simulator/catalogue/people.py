"""The people of the catalogue: the authors of invented works, and strangers, whom only an Open Library key names.

A stranger is an author of somebody's mirror (of the sample catalogue, of a synthetic dump): every such key is
answered too, with a name that the caller may or may not agree with.
"""

import msgspec

from alexandria.sample.plan import scatter
from alexandria.simulator.catalogue.numbers import AUTHORS
from alexandria.simulator.catalogue.words import Vocabulary, fold

_SPREAD, _BITS = 0x9E375, 0xFFFFF  # an odd number mixes 20 bits: 512 given × 2,048 family names
_BACK = pow(_SPREAD, -1, _BITS + 1)
_GENDERS = ("Q6581072", "Q6581097", "Q6581072", "Q6581097", "Q6581072", "Q6581097", "Q48270", "Q1052281")
_COUNTRIES = ("Q145", "Q30", "Q183", "Q142", "Q38", "Q29", "Q159", "Q36", "Q43", "Q17", "Q148", "Q213")
_MISSPELT = " ~autofilled~"


class Person(msgspec.Struct, frozen=True):
    """Somebody who wrote books. Years are None where nobody knows them; items are Wikidata's."""

    number: int  # of an author of the catalogue, or the number in a stranger's key
    is_stranger: bool
    bits: int  # for whatever is drawn about this person
    name: str
    born: int
    died: int | None
    gender: str
    country: str
    isni: str
    viaf: str


def make_person(number: int, name: str, salt: int, *, is_stranger: bool = False) -> Person:
    """The person of that number, with facts drawn from it."""
    bits = scatter(number, salt + 50 + is_stranger)
    born = 1860 + bits % 140
    return Person(
        number=number,
        is_stranger=is_stranger,
        bits=bits,
        name=name,
        born=born,
        died=born + 40 + (bits >> 8) % 50 if born < 1940 else None,
        gender=_GENDERS[bits >> 16 & 7],
        country=_COUNTRIES[(bits >> 20) % len(_COUNTRIES)],
        isni=_isni(number, 5 if is_stranger else 1),
        viaf=str((8 if is_stranger else 7) * 10**12 + number),
    )


def number_of_viaf(viaf: str) -> tuple[int, bool] | None:
    """The number of the person with that VIAF id and whether it is a stranger; None for an id of nobody here."""
    if not (viaf.isdecimal() and viaf.isascii() and len(viaf) == 13 and viaf[0] in "78"):
        return None
    return _existing(int(viaf[1:]), is_stranger=viaf[0] == "8")


def number_of_isni(isni: str) -> tuple[int, bool] | None:
    """As `number_of_viaf`, for the sixteen characters of an ISNI without blanks."""
    if len(isni) != 16 or isni[:3] != "000" or isni[3] not in "15":
        return None
    digits = isni[4:15]
    if not (digits.isdecimal() and digits.isascii()) or isni != _isni(int(digits), int(isni[3])):
        return None
    return _existing(int(digits), is_stranger=isni[3] == "5")


def _existing(number: int, *, is_stranger: bool) -> tuple[int, bool] | None:
    return (number, is_stranger) if is_stranger or number < AUTHORS else None


def _isni(number: int, family: int) -> str:
    digits, total = f"000{family}{number:011}", 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return digits + "0123456789X"[(12 - total) % 11]


def name_of(author: int, words: Vocabulary) -> str:
    """The name of an author: a given and a family name; beyond the first 2²⁰ authors another given name between."""
    mixed = author * _SPREAD & _BITS
    given, family = words.given[mixed & 511], words.family[mixed >> 9]
    more = author >> 20
    return f"{given} {words.given[more - 1]} {family}" if more else f"{given} {family}"


def authors_named(name: str, words: Vocabulary) -> list[int]:
    """The authors of that name, in any case, "Last, First" too; mostly one, or none."""
    before, comma, after = name.replace(_MISSPELT, "").partition(",")
    parts = fold(f"{after} {before}" if comma else name).split()
    if len(parts) < 2:
        return []
    for ends in (1, 2):  # a family name may be of two words: Grailos-Müller
        families = words.family_places.get(" ".join(parts[-ends:]), [])
        first, between = parts[0], parts[1:-ends]
        if families and len(between) <= 1 and len(parts) > ends:
            more = [place + 1 for place in words.given_places.get(between[0], [])] if between else [0]
            low = [given | family << 9 for given in words.given_places.get(first, []) for family in families]
            found = [(mixed * _BACK & _BITS) | high << 20 for mixed in low for high in more]
            return [author for author in found if author < AUTHORS]
    return []
