"""The language of a post: what texts of headers and settings mean, what paths say, and what its letters tell.

It is a tag such as `de` or `pt-br`, or "" where nothing tells it yet. What counts first is what the header says, then
the path, then the site, unless the letters can't be of that language, and last the words; all other posts are in
English.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

from index.analysis import STOP_WORDS, fold

__all__ = [
    "is_language",
    "language_by_script",
    "language_by_words",
    "language_in_path",
    "language_tag",
    "multilingual_folders",
]

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
TAGS_BY_NAME = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "italian": "it",
    "japanese": "ja", "korean": "ko", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr", "ukrainian": "uk",
    "vietnamese": "vi", "español": "es", "deutsch": "de", "français": "fr", "italiano": "it", "português": "pt",
}  # fmt: skip
SITE_LANGUAGES = {
    "ar", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr",
    "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "lt",
    "lv", "mk", "ml", "mr", "ms", "my", "nb", "ne", "nl", "nn", "no", "pa", "pl", "ps", "pt", "ro", "ru", "si",
    "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
}  # fmt: skip
DOUBTFUL = frozenset(
    {"ar", "be", "bs", "ca", "cs", "da", "ga", "hi", "id", "is", "it", "ml", "ms", "my", "no", "pa", "ps", "si", "uk"}
)
"""Codes that are also words, states or trades: alone, they may mean that."""

LANGUAGE_FOLDERS = frozenset(
    {"pages", "content", "locale", "locales", "i18n", "_i18n", "l10n", "lang", "langs", "translations"}
)
"""Folders below which a language code is surely meant as one."""

USUAL_FOLDERS = frozenset({"_posts", "posts", "_pages", "docs", "blog", "articles", "src", "source", "website"})
"""Folders in which posts usually lie: below these, as at the top of a tree, a code is a language unless doubtful."""

MAX_LEVELS_BELOW = 3
"""How many folders below the posts folder it is looked for languages that lie beside one another."""

REGION = re.compile(r"([a-z]{2})[-_](?:[a-z]{2}|han[st]|latn|cyrl|419)", re.IGNORECASE)


SAMPLED_CHARS = 500
"""From so many characters of a text, or up to twice as many, its script is told: from each nth, so that all counts."""

OTHER_LETTER = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u2d00-\ud7ff\uf900-\ufdff\ufe70-\uffdc\U00020000-\U0003ffff]")
"""All letters that are not Latin, and some other characters."""

SCRIPTS = {"CJK": "HAN", "IDEOGRAPHIC": "HAN"} | dict.fromkeys(
    ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"), "KANA"
)
"""Scripts by the first word of the Unicode names of letters, where that is not the script's name."""

WRITTEN_IN = {
    script: tuple(languages.split())
    for script, languages in {
        "ARABIC": "ar fa ur az ckb kk ks ku ms pa ps sd ug uz",
        "ARMENIAN": "hy", "BENGALI": "bn as",
        "CYRILLIC": "ru uk be bg sr mk kk ab av az ba bs ce cu cv kv ky mn mo os ro sah sh tg tk tt uz",
        "DEVANAGARI": "hi bh ks mr ne sa sd", "ETHIOPIC": "am ti", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu",
        "GURMUKHI": "pa", "HAN": "zh ja ko yue", "HANGUL": "ko", "HEBREW": "he yi iw ji", "KANA": "ja",
        "KANNADA": "kn", "KHMER": "km", "LAO": "lo", "MALAYALAM": "ml", "MYANMAR": "my", "ORIYA": "or",
        "SINHALA": "si", "TAMIL": "ta", "TELUGU": "te", "THAI": "th", "TIBETAN": "bo dz",
    }.items()
}  # fmt: skip
"""The languages that are written in each script other than Latin, the one that it is taken for first."""

TELLING_LETTERS = {
    "CYRILLIC": (
        ("be", "ў", "ищъ"), ("kk", "әғқңұһ", "їєґў"), ("mk", "ѓќѕ", "ђћыйщъ"), ("sr", "ђјљњћ", "ыйщъ"),
        ("uk", "іїєґ", "ыэъё"), ("bg", "ъ", "ыэ"),
    ),
    "ARABIC": (("ur", "ٹڈڑےں", "ةىإ"), ("fa", "پچژگکی", "ةىإأ")),
}  # fmt: skip
"""Languages, and the letters of which a text in them has some and has fewer: "і" is Ukrainian, "ы" never is."""

MIN_STOP_WORDS = 4
"""Different stop words of a language, without which a text is not taken to be in it."""

MIN_TELLING_SHARE = 1 / 200
"""Of the letters of a text, below which a letter may be that of a name or a quotation."""


def language_tag(text: str) -> str:
    """The tag, in lower case and with hyphens, that the text means; "" where it means none."""
    word = text.strip().lower().replace("_", "-").split(".")[0]
    return TAGS_BY_NAME.get(word) or (word if LANGUAGE_TAG.fullmatch(word) else "")


def language_in_path(id: str, multilingual: Collection[str] = ()) -> str:
    """The language of `pages/fa/about.md`, `ko/news/a-post.md` or `a-post.fr.md`, where that is safe to say, or "".

    `multilingual` are folders, "" or with a final `/`, in which doubtful codes are languages too.
    """
    *folders, name = id.split("/")
    suffixes = name.lstrip(".").split(".")[1:]
    if len(suffixes) > 1 and is_language(suffixes[-2]):
        return language_tag(suffixes[-2])
    above = place = ""
    for folder in folders:
        if is_language(folder) and (
            above in LANGUAGE_FOLDERS
            or place in multilingual
            or (folder not in DOUBTFUL and (not place or above in USUAL_FOLDERS))
        ):
            return language_tag(folder)
        above, place = folder, f"{place}{folder}/"
    return ""


def multilingual_folders(posts: Path) -> Iterator[str]:
    """The folders, "" or with a final `/`, in which a doubtful code stands beside one that is surely a language.

    Looked at are the posts folder and those below it that are named as content usually is.
    """
    places = [""]
    for place in places:
        try:
            with os.scandir(posts / place) as entries:
                telling = (e for e in entries if e.name in USUAL_FOLDERS | LANGUAGE_FOLDERS or is_language(e.name))
                folders = [entry.name for entry in telling if entry.is_dir()]
        except OSError:  # the look for posts tells of it
            continue
        languages = set(filter(is_language, folders))
        if languages & DOUBTFUL and languages - DOUBTFUL:
            yield place
        if place.count("/") < MAX_LEVELS_BELOW:
            places += [f"{place}{folder}/" for folder in sorted(folders) if folder not in languages]


def is_language(text: str) -> bool:
    """Whether the text is a language that sites are written in, with a region or without."""
    match = REGION.fullmatch(text)
    return (match[1].lower() if match else text) in SITE_LANGUAGES


def language_by_script(title: str, text: str, lang: str) -> str:
    """The language, or where most letters are of a script in which that is not written, one that is.

    Two Latin letters count as one character of Han, kana or Hangul, which stands for as many sounds at least.
    """
    if title.isascii() and text.isascii():
        return lang
    sample = f"{title} {text[:: max(len(text) // SAMPLED_CHARS, 1)]}"
    if not OTHER_LETTER.search(sample):
        return lang
    letters = Counter(filter(str.isalpha, sample.lower()))
    scripts = Counter[str]()
    for letter, count in letters.items():
        script = script_of(letter)
        scripts[script] += count * 2 if script in {"HAN", "KANA", "HANGUL"} else count
    if scripts["KANA"] > scripts["HAN"] / 4:
        scripts["KANA"] += scripts.pop("HAN", 0)
    script, most = scripts.most_common(1)[0]
    languages = WRITTEN_IN.get(script)
    if not languages or most <= scripts.total() / 2 or lang.partition("-")[0] in languages:
        return lang
    for language, own, foreign in TELLING_LETTERS.get(script, ()):
        count = sum(letters[letter] for letter in own)
        if count > max(most * MIN_TELLING_SHARE, sum(letters[letter] for letter in foreign)):
            return language
    return languages[0]


def language_by_words(title: str, text: str) -> str:
    """The language of which the title and the text's beginning hold far more stop words than of English, or ""."""
    sample = f"{title} {text[:SAMPLED_CHARS]}".lower()
    words = set(sample.split())
    known = STOP_WORDS.keys() & (words if sample.isascii() else {w if w.isascii() else fold(w) for w in words})
    found = [STOP_WORDS[word] for word in known if len(word) > 1]
    enough = max(MIN_STOP_WORDS, 2 * sum("en" in languages for languages in found))
    if len(found) < enough:  # as it is in nearly all that is English
        return ""
    counts = Counter(chain.from_iterable(found))
    most = max(counts.values())
    languages = [language for language, count in counts.items() if count == most]
    return languages[0] if most >= enough and len(languages) == 1 else ""


@lru_cache(maxsize=10_000)
def script_of(letter: str) -> str:
    """The name of the letter's script in capitals, "" where it has no name."""
    word = unicodedata.name(letter, "").partition(" ")[0]
    return SCRIPTS.get(word, word)
