"""The inside of a template tag goes in; the words in it that readers see come out."""

from __future__ import annotations

import re

__all__ = ["said", "shown"]

SAID = frozenset(["alt", "alt-text", "caption", "description", "figcaption", "label", "title"])
"""Arguments of tags and shortcodes whose values readers see."""
ARGUMENT = re.compile(r"""(?:(?<![\w-])([\w-]+)\s*[=:]\s*)?(?:"([^"]*)"|'([^']*)'|`([^`]*)`)""")
CROSS_REFERENCE = re.compile(
    r"\s*(?:\w*xref|glossary|htmlelement|svgelement|mathmlelement|svgattr|http(?:header|method|status)|csp|rfc)"
    r"\s*\((.*)\)\s*",
    re.DOTALL | re.IGNORECASE,
)
LITERAL = re.compile(r"""\s*(?:"[^"]*"|'[^']*')""")


def shown(expression: str) -> str:
    """What readers see of an output, as far as its source tells: a text, or the text of a cross reference.

    `{{Glossary("Foo", "foos")}}` is shown by its second argument or else its first.
    """
    if reference := CROSS_REFERENCE.fullmatch(expression):
        strings = ["".join(values) for name, *values in ARGUMENT.findall(reference[1]) if any(values)]
        return strings[1] if len(strings) > 1 else strings[0] if strings else reference[1].partition(",")[0].strip()
    literal = LITERAL.match(expression)
    return literal[0].strip()[1:-1] if literal and reads_as_words(literal[0].strip()[1:-1]) else ""


def said(arguments: str, *, positional: bool) -> str:
    """The values among a tag's arguments that are words for readers."""
    values = ((name.lower(), "".join(texts)) for name, *texts in ARGUMENT.findall(arguments))
    return " ".join(value for name, value in values if (name in SAID if name else positional and reads_as_words(value)))


def reads_as_words(text: str) -> bool:
    """Whether an argument without a name is something to read, and no path, address, class or date format."""
    return " " in text.strip() and "%" not in text and not text.startswith("/") and "://" not in text
