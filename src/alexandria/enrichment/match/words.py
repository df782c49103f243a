"""Words that mean something in names and titles, folded: what is left out, what makes a name no person's, what counts.

They hold for the languages that most books are in. A word that is missing here costs a match, never a wrong one.
"""

from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# --- names --------------------------------------------------------------------------------------------------

PARTICLES: Final = _set(
    "von van vom zu zum zur den der del dela della dello dei degli de des du da das do dos di la le lo las los el al ul"
    " ter ten te tot af av ibn bin bint ben abu mac mc"
)
GENERATIONS: Final = {
    **dict.fromkeys(("jr", "junior", "fils"), "jr"),
    **dict.fromkeys(("sr", "senior", "pere"), "sr"),
    **{roman: roman for roman in ("ii", "iii", "iv")},
}
HONORIFICS: Final = _set("sir dame dr prof professor rev reverend")  # not Mrs.: Mrs. Humphry Ward was not Humphry Ward
DEGREES: Final = _set("phd md mba msc ma ba bsc mph mfa esq rn jd dds edd psyd dmin llb llm cpa")
ROLES: Final = _set(
    "author authors editor editors ed eds illustrator translator contributor foreword introduction preface artist"
    " narrator photographer compiler creator adapter hrsg herausgeber autor autorin auteur autore"
    " 著 著者 作 作者 编 編 编著 編著 主编 译 訳 译者 訳者 绘 絵"
)
LEGAL_FORMS: Final = _set("ltd limited inc incorporated llc gmbh ag plc corp")
CORPORATE: Final = LEGAL_FORMS | _set(
    "university universite universitat universidad institute institut institution society association committee council"
    " commission department dept ministry bureau office agency museum library press publishing publishers books verlag"
    " editions company foundation organization organisation group center centre school college academy church bank"
    " board staff conference congress federation international national united government editors club nations service"
)
NOBODY: Final = frozenset(
    ("", "anonymous", "anon", "anonym", "anonyme", "anonimo", "unknown", "author unknown", "unknown author", "various",
     "various authors", "not available", "n a", "na", "none", "no author", "author", "et al", "multiple authors",
     "aa vv", "unbekannt", "diverse", "collectif", "varios autores", "autori vari", "佚名", "аноним",
     "неизвестный автор")
)  # fmt: skip

# --- titles -------------------------------------------------------------------------------------------------

ARTICLES: Final = _set("the a an der die das ein eine le la les un une el los las una il lo gli de het een den det os")
CONJUNCTIONS: Final = _set("and und et y")  # "&" is no word either
LINKS: Final = CONJUNCTIONS | ARTICLES | _set("of by from in for von aus di d del della des du e i и с")

# Titles made of these alone are borne by many works of one author.
GENERIC: Final = _set(
    "work works writings poem poems poetry verse story stories tale tales essay essays play plays dramas letter letters"
    " correspondence novel novels novellas romances anthology diary diaries journal journals speeches lectures sermons"
    " songs papers memoirs autobiography proceedings report reports catalogue catalog cookbook dictionary introduction"
    " reader omnibus miscellany prose fiction collection selections selection untitled best collected selected complete"
    " new early late later other more short annual great greatest major minor poetical prose dramatic literary"
    " werke werk gedichte lyrik erzahlungen briefe briefwechsel schriften novellen dramen tagebucher aufsatze marchen"
    " romane geschichten reden gesammelte samtliche ausgewahlte ausgewahlter kleine neue"
    " oeuvres oeuvre poesies poesie poemes nouvelles contes theatre lettres romans completes choisies choisis complet"
    " obras obra poesias poesia poemas cuentos novelas ensayos antologia teatro cartas completas completa escogidas"
    " opere racconti lettere romanzi tutte scelte contos"
    " сочинения собрание сочинений избранное избранные стихи стихотворения рассказы повести полное письма"
    " поэмы"
)
GENERIC_IN_ONE: Final = ("全集", "文集", "选集", "選集", "詩集", "诗集", "作品集", "短編集")
# Subtitles that say what kind of book it is, and nothing else.
EMPTY_SUBTITLE: Final = _set(
    "novel roman romanzo novela romance memoir memoirs thriller mystery kriminalroman krimi autobiography biography"
    " fiction stories story edition ausgabe auflage revised illustrated unabridged special deluxe anniversary"
    " international paperback hardcover ebook audiobook large print classics penguin german english french spanish"
    " italian version electronic resource novella recit роман text texte"
)
# A book about or made of another: named on one side only, it is another work.
DERIVED: Final = _set(
    "graphic manga comic workbook summary companion sparknotes cliffsnotes screenplay screenplays adaptation adapted"
    " coloring colouring calendar boxed box omnibus trilogy comics abridged retold solutions"
)

# --- numbers ------------------------------------------------------------------------------------------------

ROMAN: Final = {
    roman: str(number)
    for number, roman in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(), 1)
}
COUNTED: Final = {
    word: str(number)
    for language in (
        "one two three four five six seven eight nine ten eleven twelve",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        "eins zwei drei vier funf sechs sieben acht neun zehn",
        "erster zweiter dritter vierter funfter sechster siebter achter neunter zehnter",
        "erstes zweites drittes viertes funftes sechstes siebtes achtes neuntes zehntes",
        "erste zweite dritte vierte funfte sechste siebte achte neunte zehnte",
        "un deux trois quatre cinq six sept huit neuf dix",
        "premier deuxieme troisieme quatrieme cinquieme",
        "uno dos tres cuatro cinco seis siete ocho nueve diez",
        "primera segunda tercera cuarta quinta",
        "prima seconda terza quarta",
        "первая вторая третья четвертая пятая",
        "первый второй третий четвертый пятый",
        "一 二 三 四 五 六 七 八 九 十",
    )
    for number, word in enumerate(language.split(), 1)
}
