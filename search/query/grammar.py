"""Cuts the text of a search box into its parts: signs, fields, values and operators, without knowing what they mean.

`typed_text` makes any text one that can be read and shown; `parts` cuts it, in one pass of one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["QUOTE", "Part", "parts", "replaced", "typed_text", "without_quotes"]

BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
QUOTE = re.compile('["“”„‟＂«»「」『』]')
PART_PATTERN = re.compile(
    r"""
      (?P<bar>\|)\|*
    | (?=[^\s()（）])
      (?P<minus>-(?!-))?
      (?:(?P<field>(?ai:title|tags?|author|category|body|lang|after|before))[:：])?
      (?P<value>
          ["“”„‟＂][^"“”„‟＂]*(?P<end1>["“”„‟＂]?)
        | [«»][^«»]*(?P<end2>[«»]?)
        | [「」『』][^「」『』]*(?P<end3>[「」『』]?)
        | [^\s()（）|"“”„‟＂«»「」『』]+
      )?
    """,
    re.VERBOSE,
)
"""One part: `|`, or a sign, a field and a value, each of which may be missing; brackets are passed over."""


class Part(NamedTuple):
    """A part of a query: `text` as it stands and where it ends, and what it is made of.

    `operator` is `|`, which has nothing else, or `OR`, which may turn out to be a word. `field` is as typed but in
    lower case; `value` is without its quotes; `closed` says of a quotation whether it has an end.
    """

    text: str
    end: int
    operator: str = ""
    minus: bool = False
    field: str = ""
    value: str = ""
    quoted: bool = False
    closed: bool = False


def typed_text(text: str) -> str:
    """The text with single blanks for white space and controls, and without halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        # Halves that make a whole are joined; others could neither be sent nor shown.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return BLANKS.sub(" ", text)


def parts(text: str) -> Iterator[Part]:
    """The parts of a text, from left to right."""
    for found in PART_PATTERN.finditer(text):
        bar, minus, field, value, *ends = found.groups("")
        operator = bar or ("OR" if found[0] == "OR" else "")
        if value and QUOTE.match(value):
            yield Part(found[0], found.end(), "", bool(minus), field.lower(), without_quotes(value), True, any(ends))
        else:
            yield Part(found[0], found.end(), operator, bool(minus), field.lower(), value)


def replaced(text: str, replacements: Mapping[Part, str]) -> str:
    """The text with others in place of some of its parts, and with single blanks."""
    for part in sorted(replacements, key=lambda part: -part.end):
        text = text[: part.end - len(part.text)] + replacements[part] + text[part.end :]
    return " ".join(text.split())


def without_quotes(text: str) -> str:
    """The text without its quotation marks, and with single blanks."""
    return " ".join(QUOTE.sub(" ", text).split())
