"""Folding: writes a text as it is compared, so that case, accents, width and other such things make no difference."""

from __future__ import annotations

import re
import unicodedata

from index.unicode import normalize

__all__ = ["DROPPED", "INVISIBLE", "MODIFIERS", "fold", "without_vowel_marks"]

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
MODIFIERS = "ʹʺʻʼʽʾʿˈ\u0640"
"""Apostrophes that are letters to Unicode, and tatweel, which makes an Arabic word longer."""

VOWEL_MARKS = "".join(
    chr(c)
    for first, last in ((0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6ED), (0x730, 0x74A))
    for c in range(first, last + 1)
    if unicodedata.category(chr(c)) == "Mn"
)
"""What Hebrew, Arabic and Syriac put above and below letters, and most people leave out."""

NUKTAS = "\u093c\u0a3c\u0abc"
DROPPED = "".join(map(chr, range(0x300, 0x370))) + VOWEL_MARKS + NUKTAS + MODIFIERS + INVISIBLE
"""What folding takes away, which may also stand before the first letter of a word."""

SPELLINGS = (
    str.maketrans("", "", DROPPED)
    | str.maketrans(
        {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "·": ""}
    )
    # Letters of Arabic, Persian and Urdu as Lucene's ArabicNormalizer and PersianNormalizer take them for one another.
    | str.maketrans("ٱىیےکڪةۃہھە", "اييي" + "كك" + "ههههه")
    # As Lucene's HindiNormalizer: most people write one sign of nasal vowels for the other.
    | {0x901: 0x902}
    # Katakana as hiragana.
    | {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
)
OTHER_DIGIT = re.compile(r"[^\D0-9]")
WITHOUT_VOWEL_MARKS = str.maketrans("", "", VOWEL_MARKS + MODIFIERS + INVISIBLE)


def fold(text: str) -> str:
    """The text as it is compared: compatibility forms, case, accents and invisible characters make no difference.

    Nor do vowel marks and forms of Arabic letters, digits of other scripts, and whether kana are hiragana or katakana.
    """
    if text.isascii():
        return text.lower()
    flat = normalize("NFKD", normalize("NFKC", text).casefold())
    bare = OTHER_DIGIT.sub(lambda digit: str(int(digit.group())), flat.translate(SPELLINGS))
    return normalize("NFC", bare)


def without_vowel_marks(word: str) -> str:
    """The word, composed, with its accents, but without other signs that most people leave out."""
    return normalize("NFC", word).translate(WITHOUT_VOWEL_MARKS)
