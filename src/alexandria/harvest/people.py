"""Which names are an author's, for whom a bibliography is worth asking. Pure.

Left out: names without a letter, names that stand for nobody ("Various", "[name missing]", "Anonymous"), names that
hold a word of an institution or publisher ("United States. Congress", "Oxford University Press"), and names of more
than eight words.
"""

from typing import Final

from alexandria.biblio.text import fold

MOST_WORDS: Final = 8
NOBODY: Final = frozenset(
    ("various", "various authors", "anonymous", "anonym", "anonyme", "anonimo", "anon", "unknown", "author unknown",
     "unknown author", "name missing", "not available", "n a", "na", "none", "no author", "author", "editor", "editors",
     "multiple authors", "multiple", "collectif", "collective", "autori vari", "aa vv", "varios autores", "varios",
     "diverse", "unbekannt", "et al", "others", "sans auteur", "staff", "test", "佚名", "аноним")
)  # fmt: skip
INSTITUTIONS: Final = frozenset(
    "university universite universitat universidad universita institute institut instituto istituto institution society"
    " societe association associazione asociacion committee comite council commission commissione department dept"
    " ministry ministere ministerio ministerium bureau office agency museum musee museo library bibliotheque biblioteca"
    " bibliothek press publishing publishers publications verlag editions editorial editore company foundation"
    " fondation fundacion organization organisation organizacion group center centre centro college school academy"
    " academie accademia academia congress conference federation international national united states nations"
    " government parliament senate assembly survey corporation corp inc incorporated ltd limited llc gmbh plc"
    " editor editors gallery hospital laboratory service services board".split()
)


def is_author(name: str | None) -> bool:
    """Whether a name can be one person's."""
    words = fold(name or "").split()
    if not words or " ".join(words) in NOBODY or len(words) > MOST_WORDS:
        return False
    return INSTITUTIONS.isdisjoint(words) and any(letter.isalpha() for word in words for letter in word)
