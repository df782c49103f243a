"""Which work each edition of a batch is of: a known one, one that another of the batch is of, or a new one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.dates import year_of
from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match import KnownAuthor, KnownWork, Score, best, work_key
from alexandria.enrichment.nearby import Nearby

TRANSLATION = "translation"  # the sort that is told by what else is known, and may turn out wrong


@dataclass
class Unlinked:
    """An edition that belongs to no work yet; `score` is that of the match, None where nothing matched.

    `sort`: what it is, where it is no edition of a work as others are (`enrichment.classes`).
    """

    isbn: int
    provider: str
    answer: EditionAnswer
    sort: str | None = None
    authors: list[int] = field(default_factory=list)
    work: int | None = None
    made: str | None = None  # the key of a work that is made with it
    score: Score | None = None

    @cached_property
    def key(self) -> str | None:
        """What equal works share."""
        said = self.answer
        names = [person.name for person in said.authors]
        year = year_of(said.publication_date)
        key = work_key(said.title, names, subtitle=said.subtitle, year=year) if said.title else None
        return f"{self.sort}: {key}" if key and self.sort not in (None, TRANSLATION) else key


def match_works(
    editions: Sequence[Unlinked], candidates: Mapping[int, list[KnownWork]], by_key: Mapping[str, int]
) -> dict[str, Unlinked]:
    """The works to be made, by key, each with its first edition; the others have their work or the key of one of these.

    Plain titles come first, so that "Sapiens: A Brief History" finds "Sapiens" when both are new.
    """
    minted: dict[str, Unlinked] = {}
    keys: dict[int, str] = {}  # of works to be made, by a number that none has
    shelf = Nearby()
    for author, works in candidates.items():
        for work in works:
            shelf.add(author, work)
    for edition in sorted(editions, key=lambda each: (bool(each.sort), _length(each.answer), each.isbn)):
        key, said = edition.key, edition.answer
        if key and (key in by_key or key in minted):
            continue
        own = shelf.find(edition.authors, said.title or "", said.subtitle)
        if edition.sort in (None, TRANSLATION) and (matched := best(said, own)):
            edition.made, edition.score = keys.get(matched[0].number), matched[1]
            edition.work = None if edition.made else matched[0].number
        elif key:
            minted[key] = edition
            if edition.sort in (None, TRANSLATION):  # the former come first, and so never find the latter
                number = 2 * MINTED + len(keys)
                keys[number] = key
                for author in edition.authors:
                    shelf.add(author, _known_work(number, author, said))
    return minted


def authors_of(key: str, first: Unlinked, editions: Sequence[Unlinked]) -> list[int]:
    """The authors of a work that is made: those of its edition that names most."""
    same = (edition.authors for edition in editions if edition.made == key or edition.key == key)
    return max(same, key=len, default=first.authors)


def _length(said: EditionAnswer) -> int:
    return len(said.title or "") + len(said.subtitle or "")


def _known_work(number: int, author: int, said: EditionAnswer) -> KnownWork:
    """A work to be made as later editions see it."""
    names = tuple(KnownAuthor(author, person.name) for person in said.authors)
    return KnownWork(number, said.title or "", said.subtitle, year_of(said.publication_date), names)
