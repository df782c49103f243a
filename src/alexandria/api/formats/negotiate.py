"""Which format a request asks for, by its Accept header or by name, and the answer in it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from alexandria.api.formats.bibtex import write_bibtex
from alexandria.api.formats.csl import write_csl
from alexandria.api.formats.item import Item
from alexandria.api.formats.ris import write_ris


class Format(NamedTuple):
    """A media type, the end of its files' names, and how items are written in it."""

    media_type: str
    suffix: str
    write: Callable[[Sequence[Item]], bytes]


_CSL: Final = Format("application/vnd.citationstyles.csl+json", "json", write_csl)
_BIBTEX: Final = Format("application/x-bibtex; charset=utf-8", "bib", write_bibtex)
_RIS: Final = Format("application/x-research-info-systems; charset=utf-8", "ris", write_ris)


def _write_marc(items: Sequence[Item]) -> bytes:
    from alexandria.api.formats.marc import write_marc  # here: its tables take a third of a second to load

    return write_marc(items)


def _write_marcxml(items: Sequence[Item]) -> bytes:
    from alexandria.api.formats.marc import write_marcxml

    return write_marcxml(items)


_MARC: Final = Format("application/marc", "mrc", _write_marc)
_MARCXML: Final = Format("application/marcxml+xml", "xml", _write_marcxml)
FORMATS: Final[Mapping[str, Format]] = {
    "application/vnd.citationstyles.csl+json": _CSL,
    "application/x-bibtex": _BIBTEX,
    "text/x-bibtex": _BIBTEX,
    "application/x-research-info-systems": _RIS,
    "application/marc": _MARC,
    "application/marcxml+xml": _MARCXML,
}
Named = Literal["csl", "bibtex", "ris", "marc", "marcxml"]
NAMED: Final[Mapping[str, Format]] = {
    "csl": _CSL, "bibtex": _BIBTEX, "ris": _RIS, "marc": _MARC, "marcxml": _MARCXML,
}  # fmt: skip
_JSON: Final = frozenset(("application/json", "application/*", "*/*"))


def wanted_format(accept: str | None) -> Format | None:
    """The format that is asked for most, None for JSON: also where nothing that we know is asked for."""
    best: tuple[float, int, Format | None] = (0.0, 0, None)
    for place, part in enumerate((accept or "").split(",")[:50]):
        name, *params = [each.strip().lower() for each in part.split(";")]
        if name not in FORMATS and name not in _JSON:
            continue
        rank = (_quality(params), -place, FORMATS.get(name))
        if rank[0] > 0 and rank[:2] > best[:2] or best[0] == 0.0 < rank[0]:
            best = rank
    return best[2]


def _quality(params: Sequence[str]) -> float:
    for param in params:
        if param.startswith("q="):
            try:
                return min(max(float(param[2:]), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
