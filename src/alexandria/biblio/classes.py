"""What sort of thing has such a title: a work, or something that no list of works should show. Pure.

    set          several works in one: box sets, bundles, "Dune / Dune Messiah"
    split        a part of one work: "War and Peace, Part 1 of 2"
    sampler      a piece to whet the appetite: excerpts, previews
    derived      made of a work, by others or for another use: study guides, calendars, screenplays
    translation  a work in another language than its author's, where nothing says of which work

The lists of words hold for the languages that most books are in; a word that is missing lists a thing too many, and
loses nothing. A translation is never told by its title alone.
"""

import re
from typing import Final, Literal

from alexandria.biblio.text import fold

__all__ = ["CLASSES", "Class", "may_tell", "told_class"]

Class = Literal["set", "split", "sampler", "derived", "translation"]
CLASSES: Final[tuple[Class, ...]] = ("set", "split", "sampler", "derived", "translation")

_COUNT: Final = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|zwei|drei|vier|trois|deux|dos|tres|due|tre)"
_SET: Final = re.compile(  # on folded text
    r"\b(?:box(?:ed)?\s?sets?|slipcase|gift set|bundle|omnibus|coffret|schuber|cofanetto|estuche|sammelband|doppelband"
    r"|sammelschuber|coleccion completa|complete series|full series|books? set|series set|collection set"
    r"|(?:books|volumes|vols|bande|tomes|libros|libri|novels)\s\d+\s(?:to\s|through\s|and\s)?\d+"
    rf"|{_COUNT}\s(?:\w+\s)?(?:books?|novels?|volumes?|works?|romane|romans|novelas|romanzi)\s(?:\w+\s)?"
    r"(?:set|collection|bundle|pack|in one|in 1|in einem band|en un|in uno)"
    rf"|{_COUNT}\sin\s(?:one|1)|{_COUNT}\s(?:great |complete |classic )?(?:novels|books) in|set of {_COUNT}"
    rf"|collection {_COUNT} books|\d+ books collection|trilogy (?:set|collection|bundle|box)"
    r"|the complete .{0,40} collection)\b"
    r"|全\d+[冊卷巻册]|套装|セット|комплект|в \d+ томах|в \d+ т$"
)
_SPLIT: Final = re.compile(
    r"\b(?:part|pt|vol|volume|book|teil|band|bd|tome|tomo|parte|partie|deel|disc|том|часть)\s(?:\d+|[ivx]+|one|two|three)\s"
    r"(?:of|von|sur|de|di|van|из)\s(?:\d+|two|three|four|zwei|drei|vier|deux|trois|dos|tres|due|tre)\b"
    r"|[上中下][巻卷册冊]$|\b(?:первая|вторая) часть$"
)
_SAMPLER: Final = re.compile(
    r"\b(?:sampler|excerpts?|extracts? from|free preview|preview edition|sneak peek|sneak preview|first chapters?"
    r"|chapters? 1|leseprobe|teaser|extrait|extraits|avant premiere|estratto|anteprima|fragmento|primer capitulo"
    r"|world book day|free sample|sample chapters?|quick reads? extract|ознакомительный фрагмент|отрывок)\b"
    r"|試し読み|试读"
)
_DERIVED: Final = re.compile(
    r"\b(?:summary (?:of|and|analysis)|study guide|sparknotes|cliffs ?notes|york notes|supersummary|bookrags"
    r"|readers? guide|reading guide|companion to|teachers? guide|teaching guide|lesson plans?|workbook"
    r"|colou?ring book|calendar|diary 20\d\d|notebook|address book|postcards?|poster book|sticker book|screenplay"
    r"|drehbuch|analysis of|lektureschlussel|interpretationshilfe|konigs erlauterungen|fiche de lecture"
    r"|profil d une oeuvre|guia de lectura|guida alla lettura|quiz book|trivia|journal ruled|blank journal)\b"
)
# One of these words is in every title in plain letters for which one of the patterns holds: most titles have none, and
# need no further look.
_SIGNS: Final = frozenset(
    "box boxed boxset boxsets boxedset boxedsets slipcase set sets bundle omnibus coffret schuber cofanetto estuche"
    " sammelband doppelband sammelschuber completa series book books volume volumes vol vols bande tomes libros libri"
    " novel novels work works romane romans novelas romanzi collection pack one 1 trilogy"
    " part pt teil band bd tome tomo parte partie deel disc"
    " sampler excerpt excerpts extract extracts preview sneak chapter chapters leseprobe teaser extrait extraits"
    " premiere estratto anteprima fragmento capitulo sample"
    " summary guide sparknotes notes cliffsnotes supersummary bookrags companion lesson workbook calendar diary"
    " notebook postcard postcards screenplay drehbuch analysis lektureschlussel interpretationshilfe erlauterungen"
    " fiche oeuvre guia guida trivia journal".split()
)


def told_class(title: str, subtitle: str | None = None) -> Class | None:
    """The class that the words of a title tell by themselves."""
    words = fold(f"{title} {subtitle or ''}")
    return _matched(words) if may_tell(words) else None


def may_tell(words: str) -> bool:
    """Whether a title of these folded words may have a class: quick, and true for all that have one."""
    return not (words.isascii() and _SIGNS.isdisjoint(words.split()))


def _matched(words: str) -> Class | None:
    if _SAMPLER.search(words):
        return "sampler"
    if _DERIVED.search(words):
        return "derived"
    if _SPLIT.search(words):
        return "split"
    return "set" if _SET.search(words) else None
