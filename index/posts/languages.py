"""The language of a post, by what its header says or by its path."""

from __future__ import annotations

import re

__all__ = ["is_language", "language_in_path", "language_tag"]

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
TAGS_BY_NAME = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "italian": "it",
    "japanese": "ja", "korean": "ko", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr", "ukrainian": "uk",
    "vietnamese": "vi", "español": "es", "deutsch": "de", "français": "fr", "italiano": "it", "português": "pt",
}  # fmt: skip
SITE_LANGUAGES = {
    "ar", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr",
    "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "lt",
    "lv", "mk", "ml", "mr", "ms", "my", "nb", "ne", "nl", "nn", "no", "pa", "pl", "ps", "pt", "ro", "ru", "si",
    "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
}  # fmt: skip
DOUBTFUL = frozenset({"bs", "ca", "cs", "da", "ga", "hi", "id", "is", "it", "ms", "my", "no", "pa", "ps", "si", "uk"})
"""Codes that are also words, states or trades: alone at the top of a tree, they may mean that."""

PARENTS = frozenset({"pages", "content", "locale", "locales", "i18n", "_i18n", "l10n", "lang", "langs", "translations"})
"""Folders below which a language code is surely meant as one."""

REGION = re.compile(r"([a-z]{2})[-_](?:[a-z]{2}|han[st]|latn|cyrl|419)", re.IGNORECASE)


def language_tag(text: str) -> str:
    """The tag, in lower case and with hyphens, that the text means; "" where it means none."""
    word = text.strip().lower().replace("_", "-").split(".")[0]
    return TAGS_BY_NAME.get(word) or (word if LANGUAGE_TAG.fullmatch(word) else "")


def language_in_path(id: str) -> str:
    """The language of `pages/fa/about.md`, `ko/news/a-post.md` or `a-post.fr.md`, where that is safe to say, or ""."""
    *folders, name = id.split("/")
    suffixes = name.lstrip(".").split(".")[1:]
    if len(suffixes) > 1 and is_language(suffixes[-2]):
        return language_tag(suffixes[-2])
    for above, folder in zip(("", *folders), folders, strict=False):
        named = is_language(folder)
        if named and (above in PARENTS or (above == "" and (folder not in DOUBTFUL))):
            return language_tag(folder)
    return ""


def is_language(text: str) -> bool:
    """Whether the text is a language that sites are written in, with a region or without."""
    match = REGION.fullmatch(text)
    return (match[1].lower() if match else text) in SITE_LANGUAGES
