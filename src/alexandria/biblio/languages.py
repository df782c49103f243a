"""Languages: the codes of MARC, ISO 639 and BCP 47, and plain names, as one short code.

The code is the one BCP 47 prefers: two letters where ISO 639-1 has them ("de"), else three ("grc"). A member
of a macrolanguage that stands for it in practice gives that macrolanguage (cmn is "zh"), as in CLDR.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["language_code", "language_name"]

# ISO 639-1: the code, its ISO 639-2 codes (terminological, then bibliographic, which MARC uses), the English
# name, then other names in use: native, historical, and what neighbours call it.
_TWO_LETTERS: Final = """
aa aar Afar
ab abk Abkhazian, Abkhaz
ae ave Avestan, Avestic
af afr Afrikaans
ak aka Akan
am amh Amharic, አማርኛ
an arg Aragonese, Aragonés
ar ara Arabic, العربية, عربي, Arabe, Arabisch, Árabe, Arabo
as asm Assamese
av ava Avaric, Avar
ay aym Aymara
az aze Azerbaijani, Azeri, Azərbaycan
ba bak Bashkir
be bel Belarusian, Belorussian, Byelorussian, Беларуская
bg bul Bulgarian, Български, Bulgarisch, Bulgare
bi bis Bislama
bm bam Bambara
bn ben Bengali, Bangla, বাংলা
bo bod tib Tibetan, བོད་སྐད
br bre Breton, Brezhoneg
bs bos Bosnian, Bosanski
ca cat Catalan, Valencian, Català, Catalán, Katalanisch
ce che Chechen
ch cha Chamorro
co cos Corsican
cr cre Cree
cs ces cze Czech, Čeština, Česky, Tschechisch, Tchèque, Checo, Ceco
cu chu Church Slavic, Church Slavonic, Old Church Slavonic
cv chv Chuvash
cy cym wel Welsh, Cymraeg
da dan Danish, Dansk, Dänisch, Danois, Danés, Danese
de deu ger German, Deutsch, Allemand, Alemán, Tedesco, Alemão, Duits, Tyska, Tysk, Немецкий
dv div Divehi, Dhivehi, Maldivian
dz dzo Dzongkha
ee ewe Ewe
el ell gre Greek, Modern Greek, Ελληνικά, Griechisch, Grec, Griego, Greco
en eng English, Englisch, Anglais, Inglés, Inglese, Inglês, Engels, Engelska, Engelsk, Английский, 英語, 英文
eo epo Esperanto
es spa Spanish, Castilian, Español, Castellano, Spanisch, Espagnol, Spagnolo, Espanhol, Spaans, Испанский
et est Estonian, Eesti
eu eus baq Basque, Euskara, Baskisch, Vasco
fa fas per Persian, Farsi, فارسی, Persisch, Persan
ff ful Fulah, Fula, Fulani
fi fin Finnish, Suomi, Finnisch, Finnois, Finés, Finlandese
fj fij Fijian
fo fao Faroese
fr fra fre French, Français, Französisch, Francés, Francese, Francês, Frans, Franska, Fransk, Французский
fy fry Western Frisian, Frisian, Frysk
ga gle Irish, Gaeilge, Irish Gaelic
gd gla Scottish Gaelic, Gaelic, Scottish Gaelix, Gàidhlig
gl glg Galician, Galego, Gallego
gn grn Guarani
gu guj Gujarati, ગુજરાતી
gv glv Manx
ha hau Hausa
he heb Hebrew, עברית, Hebräisch, Hébreu, Hebreo, Ebraico
hi hin Hindi, हिन्दी, हिंदी
ho hmo Hiri Motu
hr hrv Croatian, Hrvatski, Kroatisch, Croate
ht hat Haitian Creole, Haitian, Haitian French Creole, Kreyòl Ayisyen
hu hun Hungarian, Magyar, Ungarisch, Hongrois, Húngaro, Ungherese
hy hye arm Armenian, Հայերեն, Armenisch
hz her Herero
ia ina Interlingua
id ind Indonesian, Bahasa Indonesia, Indonesisch
ie ile Interlingue, Occidental
ig ibo Igbo
ii iii Sichuan Yi, Nuosu
ik ipk Inupiaq, Inupiat
io ido Ido
is isl ice Icelandic, Íslenska, Isländisch
it ita Italian, Italiano, Italienisch, Italien, Italiaans, Italienska, Итальянский
iu iku Inuktitut
ja jpn Japanese, 日本語, Japanisch, Japonais, Japonés, Giapponese, Японский
jv jav Javanese
ka kat geo Georgian, ქართული, Georgisch
kg kon Kongo
ki kik Kikuyu, Gikuyu
kj kua Kuanyama, Kwanyama
kk kaz Kazakh, Қазақ
kl kal Kalaallisut, Greenlandic, Kalâtdlisut
km khm Khmer, Central Khmer, Cambodian
kn kan Kannada, ಕನ್ನಡ
ko kor Korean, 한국어, Koreanisch, Coréen, Coreano
kr kau Kanuri
ks kas Kashmiri
ku kur Kurdish, Kurdî, Kurdisch
kv kom Komi
kw cor Cornish
ky kir Kyrgyz, Kirghiz
la lat Latin, Latina, Lateinisch, Latein, Latín, Latino, Latijn
lb ltz Luxembourgish, Letzeburgesch, Lëtzebuergesch
lg lug Ganda, Luganda
li lim Limburgish, Limburgan
ln lin Lingala
lo lao Lao
lt lit Lithuanian, Lietuvių, Litauisch
lu lub Luba-Katanga
lv lav Latvian, Latviešu, Lettisch
mg mlg Malagasy
mh mah Marshallese
mi mri mao Maori, Māori
mk mkd mac Macedonian, Македонски
ml mal Malayalam, മലയാളം
mn mon Mongolian, Монгол
mr mar Marathi, मराठी
ms msa may Malay, Bahasa Melayu, Malaysian
mt mlt Maltese, Malti
my mya bur Burmese
na nau Nauru, Nauruan
nb nob Norwegian Bokmål, Bokmål, Norwegian (Bokmål)
nd nde North Ndebele, Ndebele (Zimbabwe)
ne nep Nepali, नेपाली
ng ndo Ndonga
nl nld dut Dutch, Nederlands, Niederländisch, Néerlandais, Neerlandés, Holandés, Olandese, Holländisch
nn nno Norwegian Nynorsk, Nynorsk
no nor Norwegian, Norsk, Norwegisch, Norvégien, Noruego
nr nbl South Ndebele, Ndebele (South Africa)
nv nav Navajo, Navaho
ny nya Nyanja, Chichewa, Chewa
oc oci Occitan
oj oji Ojibwa, Ojibwe
om orm Oromo
or ori Odia, Oriya
os oss Ossetian, Ossetic
pa pan Punjabi, Panjabi, ਪੰਜਾਬੀ
pi pli Pali
pl pol Polish, Polski, Polnisch, Polonais, Polaco, Polacco, Pools
ps pus Pashto, Pushto
pt por Portuguese, Português, Portugiesisch, Portugais, Portugués, Portoghese, Portugees
qu que Quechua
rm roh Romansh, Raeto-Romance
rn run Rundi, Kirundi
ro ron rum Romanian, Rumanian, Română, Rumänisch, Roumain, Rumano, Moldavian
ru rus Russian, Русский, Russisch, Russe, Ruso, Russo, Ryska
rw kin Kinyarwanda
sa san Sanskrit
sc srd Sardinian
sd snd Sindhi
se sme Northern Sami
sg sag Sango
sh hbs Serbo-Croatian
si sin Sinhala, Sinhalese
sk slk slo Slovak, Slovenčina, Slowakisch, Slovaque
sl slv Slovenian, Slovene, Slovenščina, Slowenisch
sm smo Samoan
sn sna Shona
so som Somali
sq sqi alb Albanian, Shqip, Albanisch
sr srp Serbian, Српски, Srpski, Serbisch, Serbe
ss ssw Swati, Swazi
st sot Southern Sotho, Sotho
su sun Sundanese
sv swe Swedish, Svenska, Schwedisch, Suédois, Sueco, Svedese, Zweeds
sw swa Swahili, Kiswahili
ta tam Tamil, தமிழ்
te tel Telugu, తెలుగు
tg tgk Tajik
th tha Thai, ไทย, ภาษาไทย
ti tir Tigrinya
tk tuk Turkmen
tl tgl Tagalog
tn tsn Tswana
to ton Tongan
tr tur Turkish, Türkçe, Türkisch, Turc, Turco
ts tso Tsonga
tt tat Tatar
tw twi Twi
ty tah Tahitian
ug uig Uyghur, Uighur
uk ukr Ukrainian, Українська, Ukrainisch, Ukrainien, Ucraniano
ur urd Urdu, اردو
uz uzb Uzbek
ve ven Venda
vi vie Vietnamese, Tiếng Việt, Vietnamesisch, Vietnamien
vo vol Volapük
wa wln Walloon
wo wol Wolof
xh xho Xhosa
yi yid Yiddish, ייִדיש, Jiddisch
yo yor Yoruba
za zha Zhuang
zh zho chi Chinese, Mandarin, 中文, 汉语, 漢語, 国语, 普通话, Chinesisch, Chinois, Chino, Cinese, Chinês
zu zul Zulu
"""

# Languages and groups with three letters only, those that library catalogues use.
_THREE_LETTERS: Final = """
ace Achinese; ach Acoli; ada Adangme; ady Adyghe, Adygei; afa Afro-Asiatic languages; afh Afrihili; ain Ainu;
akk Akkadian; ale Aleut; alg Algonquian languages; alt Southern Altai, Altai; ang Old English; anp Angika;
apa Apache languages; arc Aramaic; arn Mapuche; arp Arapaho; art Artificial languages; arw Arawak;
ase American Sign Language; ast Asturian; ath Athapascan languages; aus Australian languages; awa Awadhi;
bad Banda languages; bai Bamileke languages; bal Baluchi; ban Balinese; bas Basa; bat Baltic languages;
bej Beja; bem Bemba; ber Berber languages; bho Bhojpuri; bih Bihari languages; bik Bikol; bin Edo;
bla Siksika; bnt Bantu languages; bra Braj; btk Batak languages; bua Buriat; bug Buginese, Bugis; byn Bilin;
cad Caddo; cai Central American Indian languages; car Carib; cau Caucasian languages; ceb Cebuano;
cel Celtic languages; chb Chibcha; chg Chagatai; chk Chuukese; chm Mari; chn Chinook Jargon; cho Choctaw;
chp Chipewyan; chr Cherokee; chy Cheyenne; cmc Chamic languages; cnr Montenegrin; cop Coptic;
cpe English-based creoles and pidgins; cpf French-based creoles and pidgins;
cpp Portuguese-based creoles and pidgins; crh Crimean Tatar; crp Creoles and pidgins; csb Kashubian;
cus Cushitic languages; dak Dakota; dar Dargwa; day Land Dayak languages, Dayak; del Delaware; den Slavey;
dgr Tlicho; din Dinka; doi Dogri; dra Dravidian languages; dsb Lower Sorbian; dua Duala; dum Middle Dutch;
dyu Dyula; efi Efik; egy Egyptian; eka Ekajuk; elx Elamite; enm Middle English;
esk Inuit-Yupik-Unangan languages; ewo Ewondo; fan Fang; fat Fanti; fil Filipino; fiu Finno-Ugrian languages;
fon Fon; frm Middle French; fro Old French; frr Northern Frisian, North Frisian;
frs Eastern Frisian, East Frisian; fur Friulian; gaa Ga; gay Gayo; gba Gbaya; gem Germanic languages;
gez Geez, Ethiopic; gil Gilbertese; gmh Middle High German; goh Old High German; gon Gondi; gor Gorontalo;
got Gothic; grb Grebo; grc Ancient Greek, Classical Greek; gsw Swiss German; gul Gullah; gwi Gwich'in;
hai Haida; haw Hawaiian; hil Hiligaynon; him Western Pahari languages; hit Hittite; hmn Hmong;
hsb Upper Sorbian; hup Hupa; iba Iban; ijo Ijo languages; ilo Iloko; inc Indic languages;
ine Indo-European languages; inh Ingush; ira Iranian languages; iro Iroquoian languages; jbo Lojban;
jpr Judeo-Persian; jrb Judeo-Arabic; kaa Kara-Kalpak; kab Kabyle; kac Kachin; kam Kamba; kar Karen languages;
kaw Kawi; kbd Kabardian; kha Khasi; khi Khoisan languages; kho Khotanese; kmb Kimbundu; kok Konkani;
kos Kosraean, Kusaie; kpe Kpelle; krc Karachay-Balkar; krl Karelian; kro Kru languages; kru Kurukh;
kum Kumyk; kut Kutenai, Kootenai; lad Ladino; lah Lahnda; lam Lamba; lez Lezghian, Lezgian;
lol Mongo, Mongo-Nkundu; loz Lozi; lua Luba-Lulua; lui Luiseno; lun Lunda; luo Luo; lus Mizo, Lushai;
mad Madurese; mag Magahi; mai Maithili; mak Makasar; man Mandingo; map Austronesian languages; mas Masai;
mdf Moksha; mdr Mandar; men Mende; mga Middle Irish; mic Mi'kmaq, Micmac; min Minangkabau;
mkh Mon-Khmer languages; mnc Manchu; mni Manipuri; mno Manobo languages; moh Mohawk; mos Mossi, Mooré;
mun Munda languages; mus Creek; mwl Mirandese; mwr Marwari; myn Mayan languages; myv Erzya; nah Nahuatl;
nai North American Indian languages; nap Neapolitan, Neapolitan Italian; nds Low German; new Newari;
nia Nias; nic Niger-Kordofanian languages; niu Niuean; nog Nogai; non Old Norse; nqo N'Ko;
nso Northern Sotho; nub Nubian languages; nwc Old Newari; nym Nyamwezi; nyn Nyankole; nyo Nyoro; nzi Nzima;
osa Osage; ota Ottoman Turkish; oto Otomian languages; paa Papuan languages; pag Pangasinan; pal Pahlavi;
pam Pampanga; pap Papiamento; pau Palauan; peo Old Persian; phi Philippine languages; phn Phoenician;
pon Pohnpeian, Ponape; pra Prakrit languages; pro Old Occitan, Provençal; raj Rajasthani; rap Rapanui;
rar Rarotongan; roa Romance languages; rom Romani; rup Aromanian; sah Yakut;
sai South American Indian languages; sal Salishan languages; sam Samaritan Aramaic; sas Sasak; sat Santali;
scn Sicilian, Sicilian Italian; sco Scots; sel Selkup; sem Semitic languages; sga Old Irish;
sgn Sign languages; shn Shan; sid Sidamo; sio Siouan languages; sit Sino-Tibetan languages;
sla Slavic languages; sma Southern Sami; smi Sami languages; smj Lule Sami; smn Inari Sami; sms Skolt Sami;
snk Soninke; sog Sogdian; son Songhai languages; srn Sranan Tongo, Sranan; srr Serer;
ssa Nilo-Saharan languages; suk Sukuma; sus Susu; sux Sumerian; syc Classical Syriac; syr Syriac;
tai Tai languages; tem Timne, Temne; ter Tereno, Terena; tet Tetum; tig Tigre; tiv Tiv;
tkl Tokelau, Tokelauan; tlh Klingon; tli Tlingit; tmh Tamashek; tog Tonga (Nyasa); tpi Tok Pisin;
tsi Tsimshian; tum Tumbuka; tup Tupi languages; tut Altaic languages; tvl Tuvalu, Tuvaluan; tyv Tuvinian;
udm Udmurt; uga Ugaritic; umb Umbundu; vai Vai; vls Flemish; vot Votic; wak Wakashan languages;
wal Wolaytta, Wolayta; war Waray; was Washo, Washoe; wen Sorbian languages; xal Kalmyk, Oirat; yao Yao;
yap Yapese; ypk Yupik languages; yue Cantonese; zap Zapotec; zbl Blissymbols, Blissymbolics; zen Zenaga;
znd Zande languages; zun Zuni; zza Zaza
"""

# Codes no longer given out, but found in old records: first MARC's, then ISO 639's.
_DEPRECATED: Final = """
ajm=es cam=km esp=eo eth=gez far=fo fri=fy gae=gd gag=gl gal=om gua=gn int=ia iri=ga kus=kos lan=oc lap=smi
max=gv mla=mg mol=ro sao=sm scc=sr scr=hr sho=sn snh=si sso=st swz=ss tag=tl taj=tg tar=tt tru=chk tsw=tn
in=id iw=he ji=yi jw=jv mo=ro bh=bih tkw=twi
"""

# Members of a macrolanguage that stand for it, and codes of language families that hold one living language.
_MEMBERS: Final = """
cmn=zh arb=ar pes=fa prs=fa zsm=ms swh=sw ekk=et lvs=lv azj=az uzn=uz ydd=yi khk=mn plt=mg als=sq npi=ne
ory=or knn=kok kmr=ku gug=gn quz=qu dgo=doi hea=hmn lzh=zh
"""

_NO_LANGUAGE: Final = frozenset(("un", "und", "zxx", "mul", "mis", "qaa", "unk", "xxx", "zzz", "n/a"))


def _pairs(table: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in table.split())


def _folded(name: str) -> str:
    """The name in lower case, without accents and without anything but letters and single blanks."""
    decomposed = unicodedata.normalize("NFD", name.casefold())
    letters = (c if c.isalpha() else " " for c in decomposed if unicodedata.category(c) != "Mn")
    return " ".join("".join(letters).split())


def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Of every code its short code, of that its English name, of every folded name its short code."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    by_name: dict[str, str] = {}
    two = re.findall(r"^([a-z]{2})((?: [a-z]{3})+) (.+)$", _TWO_LETTERS, re.MULTILINE)
    three = re.findall(r"([a-z]{3})() ([^;]+)", " ".join(_THREE_LETTERS.split()))
    for short, longer, written in two + three:
        codes.update(dict.fromkeys([short, *longer.split()], short))
        names[short] = written.split(", ")[0]
        for name in written.split(", "):
            by_name.setdefault(_folded(name), short)
    codes.update(_pairs(_DEPRECATED) | _pairs(_MEMBERS))
    return codes, names, by_name


_CODES, _NAMES, _BY_NAME = _tables()

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")


def language_code(text: str | None) -> str | None:
    """The short code of a language given as a code, a tag or a name, or None where it names none.

    Accepted: MARC ("/languages/ger", "ger"), ISO 639-1, -2 and -3, BCP 47 ("pt-BR"), names in English and,
    for the bigger languages, in their own and their neighbours' words. An unknown three-letter code passes.
    """
    return _code_of(text) if text and len(text) <= 100 else None


@lru_cache(maxsize=8192)
def _code_of(text: str) -> str | None:
    text = text.removeprefix("/languages/")
    if text in _CODES:
        return _CODES[text]
    text = unicodedata.normalize("NFKC", text).strip()
    match = _TAG.fullmatch(text)
    if match:
        code = match[1].lower()
        if code in _NO_LANGUAGE:
            return None
        if code in _CODES:
            return _CODES[code]
    by_name = _by_name(text)
    if by_name or match is None:
        return by_name
    return code if len(code) == 3 else None


def _by_name(text: str) -> str | None:
    """The code of a name as it stands, turned round at its comma ("English, Old"), or without additions."""
    unbracketed = re.sub(r"[(\[].*", "", text)
    before, _, after = unbracketed.partition(",")
    first = re.split(r"[,;/:]", unbracketed, maxsplit=1)[0]
    for name in (text, f"{after} {before}", unbracketed, f"{unbracketed} languages", first):
        if code := _BY_NAME.get(_folded(name)):
            return code
    return None


def language_name(code: str) -> str:
    """The English name of a code that `language_code` returns; the code itself where none is known."""
    return _NAMES.get(code, code)
