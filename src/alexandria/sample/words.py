"""Invented titles, names and sentences in sixteen languages, as JSON-escaped ASCII fragments."""

import json
from random import Random

import msgspec

# MARC code, weight in 256, nouns, joining words. English 60 % is chosen: the head of the file, from which the
# fixture is, has 92 %.
_TABLE: tuple[tuple[str, int, str, str], ...] = (
    (
        "eng",
        154,
        "river house garden history science light winter letters island mountain music memory theory practice"
        " war peace children cooking travel road sea night bird stone city forest design justice labour medicine"
        " law economics poetry drama railway castle harbour mathematics language culture society nature",
        "of the|and the|in the|without|for|against the|and a history of|and an introduction to",
    ),
    (
        "ger",
        18,
        "Haus Garten Brücke Wälder Straße Licht Geschichte Räume Recht Übung Kinder",
        "und|der|für|ohne",
    ),
    (
        "fre",
        18,
        "maison rivière forêt lumière été mémoire théâtre école droit cœur",
        "de la|et|sans|à travers",
    ),
    ("spa", 15, "casa jardín río montaña luz niño corazón historia derecho año", "de la|y|sin|para"),
    ("rus", 10, "дом река лес город свет война мир история память дорога ночь", "и|без|для|о"),
    ("ita", 8, "casa giardino fiume città luce libertà storia memoria strada notte", "della|e|senza|per"),
    ("chi", 8, "历史 文化 山水 城市 语言 花园 记忆 音乐 法律 经济", "与|之|和"),
    ("jpn", 5, "歴史 文化 山 川 町 言葉 庭 記憶 音楽 法律", "と|の"),
    ("por", 5, "casa jardim rio coração cidade memória história direito canção", "da|e|sem|para"),
    ("pol", 4, "dom ogród rzeka światło pamięć droga historia źródło wieś noc", "i|bez|dla|o"),
    ("ara", 3, "التاريخ المدينة النهر الضوء الذاكرة الحديقة الليل القانون", "و|في|بلا"),
    ("heb", 2, "בית נהר עיר אור זיכרון גן לילה היסטוריה", "של|בלי|על"),
    ("tur", 2, "ev ırmak şehir ışık gönül bahçe gece tarih", "ve|için|üzerine"),
    ("gre", 2, "σπίτι ποτάμι πόλη φως μνήμη κήπος νύχτα ιστορία", "και|για|χωρίς"),
    ("kor", 1, "역사 도시 강 빛 기억 정원 밤 법", "과|의"),
    ("cze", 1, "dům řeka město světlo paměť zahrada noc příběh", "a|bez|pro"),
)
CODES = [row[0] for row in _TABLE]
WEIGHTS = [row[1] for row in _TABLE]
_NOUNS = [row[2].split() for row in _TABLE]
_JOINTS = [row[3].split("|") for row in _TABLE]
_ONSETS = ("b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
_ENDINGS = ("n", "r", "l", "s", "m", "nd", "rt", "ck", "th")
_FAMILY_ENDINGS = ("", "", "", "", "sen", "ová", "ić", "ström", "ez", "oğlu", "escu", "-Müller")

HEADS, TAILS, GIVEN, FAMILY = 256, 1024, 512, 2048  # powers of two: picked by masking bits


class Words(msgspec.Struct, frozen=True):
    """What titles and names are put together from; titles by language, in the order of `CODES`."""

    heads: list[list[str]]
    tails: list[list[str]]
    given: list[str]
    family: list[str]
    by_weight: bytes  # 256 language numbers


def escape(text: str) -> str:
    """The text as it stands between the quotes of a dump's JSON: ASCII, `\\uXXXX` for the rest."""
    return json.dumps(text)[1:-1]


def invented_name(random: Random) -> str:
    """A capitalised word of two or three syllables that means nothing."""
    pick = random.choice
    middle = pick(_ONSETS) + pick(_VOWELS) if random.random() < 0.6 else ""
    return (pick(_ONSETS) + pick(_VOWELS) + middle + pick(_ONSETS) + pick("aeiou") + pick(_ENDINGS)).title()


def phrase(random: Random, language: int = 0) -> str:
    """Two nouns of a language with a joining word between them."""
    nouns = _NOUNS[language]
    return f"{random.choice(nouns)} {random.choice(_JOINTS[language])} {random.choice(nouns)}"


def sentences(random: Random, length: int) -> str:
    """Invented English prose of about that many characters, with CRLF as the site writes it."""
    text = ""
    while len(text) < length:
        text += f"{phrase(random).capitalize()} {phrase(random)}, by {invented_name(random)}."
        text += "\r\n" if random.random() < 0.25 else " "
    return text.strip()


def make_words(seed: int) -> Words:
    """The words of a seed, always the same."""
    random = Random(f"words {seed}")  # noqa: S311
    languages = range(len(CODES))
    return Words(
        heads=[[_head(random, language) for _ in range(HEADS)] for language in languages],
        tails=[[_tail(random, language) for _ in range(TAILS)] for language in languages],
        given=[invented_name(random) for _ in range(GIVEN)],
        family=[escape(invented_name(random) + random.choice(_FAMILY_ENDINGS)) for _ in range(FAMILY)],
        by_weight=bytes(number for number, weight in enumerate(WEIGHTS) for _ in range(weight)),
    )


def _head(random: Random, language: int) -> str:
    text = phrase(random, language)
    return escape("The " + text if language == 0 and random.random() < 0.4 else text[0].upper() + text[1:])


def _tail(random: Random, language: int) -> str:
    last = invented_name(random) if random.random() < 0.6 else random.choice(_NOUNS[language])
    return escape(f" {random.choice(_JOINTS[language])} {last}")
