"""Slugs as Hexo makes them, and the text of a heading that it makes an id of.

The slugs are those of `slugize` in hexo-util, the ids those of hexo-renderer-marked with its own settings: of what the
heading is as HTML, so with quotation marks and dashes as its typography makes them, and without what looks like a tag,
be it code such as `Vec<T>`; lines are joined without a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

__all__ = ["hexo_text", "slugize"]

LETTERS = """
AȺⱯ AAꜲ AEÆǢǼ AOꜴ AUꜶ AVꜸꜺ AYꜼ BƁƂɃ CƇȻꜾ DĐƉƊƋꝹ DZǄǱ Dzǅǲ EƎƐ FƑꝻ GƓǤꝽꝾꞠ HĦⱧⱵꞍ IƗ JɈ KƘⱩꝀꝂꝄꞢ LĿŁȽⱠⱢꝆꝈꞀ LJǇ Ljǈ MƜⱮ
NƝȠꞐꞤ NJǊ Njǋ OØƆƟǾꝊꝌ OEŒ OIƢ OOꝎ OUȢ PƤⱣꝐꝒꝔ QɊꝖꝘ RɌⱤꝚꞂꞦ SẞⱾꞄꞨ TŦƬƮȾꞆ TZꜨ UɄ VƲɅꝞ VYꝠ WⱲ YƳɎỾ ZƵȤⱫⱿꝢ aɐẚⱥ aaꜳ
aeæǣǽ aoꜵ auꜷ avꜹꜻ ayꜽ bƀƃɓ cƈȼↄꜿ dđƌɖɗꝺ dzǆǳ eǝɇɛ fƒꝼ gǥɠᵹꝿꞡ hħɥⱨⱶ hvƕ iıɨ jɉ kƙⱪꝁꝃꝅꞣ lŀłſƚɫⱡꝇꝉꞁ ljǉ mɯɱ nŉƞɲꞑꞥ
njǌ oøǿɔɵꝋꝍ oeœ oiƣ ooꝏ ouȣ pƥᵽꝑꝓꝕ qɋꝗꝙ rɍɽꝛꞃꞧ sßȿẛꞅꞩ tŧƭʈⱦꞇ tzꜩ uʉ vʋʌꝟ vyꝡ wⱳ yƴɏỿ zƶȥɀⱬꝣ
"""
"""What Unicode does not take apart into a letter and a mark: the letters that Hexo writes, and what it writes so."""

BASES = {letter: re.sub("[^A-Za-z]", "", word) for word in LETTERS.split() for letter in word if not letter.isascii()}
CONTROL = re.compile(r"[\x00-\x1f]")
SPECIAL = re.compile(r"""[\s\ufeff~`!@#$%^&*()\-_+=\[\]{}|\\;:"'<>,.?/]+""")
MARKUP = re.compile(r"""<!--.*?-->|<(?![ \n])(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^>"'])*+(?:>|$)""", re.DOTALL)
ENTITIES = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;", "&#x2F;", "&#x3D;"})
"""Those that Hexo reads; others stay as they are written."""

TYPOGRAPHY = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        ("---", "\u2014"),
        ("--", "\u2013"),
        (r"""(^|[-\u2014/(\[{"\s])'""", "\\1\u2018"),
        ("'", "\u2019"),
        (r"""(^|[-\u2014/(\[{\u2018\s])\"""", "\\1\u201c"),
        ('"', "\u201d"),
        (r"\.{3}", "\u2026"),
    )
)
"""The dashes, quotation marks and ellipses that hexo-renderer-marked makes, in the order in which it does."""


def slugize(text: str) -> str:
    """The text with a hyphen for each run of signs and spaces, and with letters for those that have accents."""
    plain = SPECIAL.sub("-", CONTROL.sub("", "".join(map(base_letter, text))))
    return re.sub("-{2,}", "-", plain).strip("-")


def base_letter(sign: str) -> str:
    """What Hexo writes for a letter with accents, in a circle or of full width, or what is written together."""
    if sign.isascii():
        return sign
    if "\uff21" <= sign <= "\uff5a" or "\u24b6" <= sign <= "\u24e9":
        letter = unicodedata.normalize("NFKC", sign)
        return letter if letter.isalpha() else sign
    first = unicodedata.normalize("NFD", sign)[0]
    return BASES.get(sign) or (first if first.isascii() and first.isalpha() else sign)


def hexo_text(events: Iterable[Any]) -> str:
    """The text of a heading, from the events within it and outside images, read `with_source`."""
    parts = []
    for event in events:
        if "Text" in event:
            text = event["Text"] if event["Source"] in ENTITIES else event["Source"]
            for pattern, sign in TYPOGRAPHY:
                text = pattern.sub(sign, text)
            parts.append(text)
        elif "Code" in event:
            parts.append(event["Code"])
        elif "InlineHtml" in event:
            parts.append(event["InlineHtml"])
        elif "FootnoteReference" in event:
            parts.append(f"[^{event['FootnoteReference']}]")
    return MARKUP.sub("", "".join(parts))
