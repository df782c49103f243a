"""What sort of thing an edition on an author's page is: one of a work, or something that no list of works should show.

Told by the words of the title (biblio.classes), by the language, and by the titles that the author is known for. Pure.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.classes import Class, told_class
from alexandria.biblio.languages import language_code
from alexandria.biblio.text import fold
from alexandria.enrichment.match.titles import read_title

_EDITION_IN: Final = re.compile(
    r"[(\[]\s*(?P<before>\w+)\s+(?:language\s+)?edition\s*[)\]]|[(\[]\s*in\s+(?P<in>\w+)\s*[)\]]"
    r"|[(\[]\s*(?:edition|édition|edición|edizione|ausgabe)\s+(?P<after>\w+)\s*[)\]]",
    re.IGNORECASE,
)
_OWN_NAMES: Final[Mapping[str, str]] = {
    "francaise": "fr", "espanola": "es", "italiana": "it", "deutsche": "de", "portuguesa": "pt", "inglesa": "en",
    "anglaise": "en", "englische": "en", "japanese": "ja", "chinese": "zh",
}  # fmt: skip
MOST_JOINTS: Final = 8
_JOINTS: Final = re.compile(r"\s+/\s+|\s*;\s+|\s+&\s+|\s+(?:and|und|et|y|e|и)\s+|\s*,\s+", re.IGNORECASE)


def class_of(said: EditionAnswer, titles: Collection[str], home: str | None) -> Class | None:
    """The class of an edition; None for one of a work.

    `titles` the author is known for, as `known_titles` gives them; `home`: the language in which they write.
    """
    title = said.title or ""
    if told := told_class(title, said.subtitle):
        return told
    if _is_made_of(title, said.subtitle, titles):
        return "derived"
    if _is_several(title, titles):
        return "set"
    if _is_part(title, titles):
        return "split"
    spoken = language_of(said)
    return "translation" if home and spoken and spoken != home else None


def language_of(said: EditionAnswer) -> str | None:
    """The language of an edition: as its title says, "(German Edition)", else as the provider does."""
    match = _EDITION_IN.search(said.title or "")
    if match:
        word = match["before"] or match["in"] or match["after"] or ""
        if code := _OWN_NAMES.get(fold(word)) or language_code(word):
            return code
    return said.language


def bare_title(title: str) -> str:
    """The title as titles are compared here: folded main words, without volume and notes."""
    return read_title(title).main


def _is_made_of(title: str, subtitle: str | None, titles: Collection[str]) -> bool:
    """Whether it is another thing made of something that is known plain: "Bleak House: The Graphic Novel"."""
    read = read_title(title, subtitle)
    return bool(read.derived) and read.main in titles


def _is_part(title: str, titles: Collection[str]) -> bool:
    """Whether it is a numbered volume of something that is known whole: "War and Peace, Volume 1"."""
    read = read_title(title)
    return bool(read.numbers) and not read.rest and read.main in titles and len(read.main) > 3


def _is_several(title: str, titles: Collection[str]) -> bool:
    """Whether each of its parts is known by itself: "Animal Farm and 1984"."""
    for joint in list(_JOINTS.finditer(title))[:MOST_JOINTS]:
        left, right = title[: joint.start()], title[joint.end() :]
        if _is_known(left, titles) and (_is_known(right, titles) or _is_several(right, titles)):
            return True
    return False


def _is_known(part: str, titles: Collection[str]) -> bool:
    return fold(part) in titles or bare_title(part) in titles


def known_titles(works: Iterable[str], answers: Iterable[EditionAnswer]) -> frozenset[str]:
    """What an author is known for: whole titles folded, and their main words where they have no volume.

    Of the editions only those count that are nothing else by their own words.
    """
    texts: list[tuple[str, str | None]] = [(title, None) for title in works]
    texts += [
        (said.title, said.subtitle) for said in answers if said.title and not told_class(said.title, said.subtitle)
    ]
    found = set()
    for text, subtitle in texts:
        read = read_title(text, subtitle)
        if not read.derived:
            found.add(fold(text))
            if not read.numbers:
                found.add(read.main)
    return frozenset(found - {""})


def home_language(spoken: Mapping[str, tuple[int, int | None]]) -> str | None:
    """The language that an author most likely writes in, of titles and the first year by language; None: unknown.

    Of the languages with a fifth as many titles as the most frequent, the one in which they began: a translation comes
    after what it translates.
    """
    if not spoken:
        return None
    most = max(count for count, _ in spoken.values())
    likely = {code: told for code, told in spoken.items() if told[0] * 5 >= most}
    return min(likely, key=lambda code: (likely[code][1] or 9999, -likely[code][0], code))
