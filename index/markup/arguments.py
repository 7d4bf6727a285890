"""The arguments of template tags that show on the page, such as titles and captions."""

from __future__ import annotations

import re

__all__ = ["output_text", "readable_values"]

READABLE_NAMES = frozenset(
    ["alt", "alt-text", "caption", "description", "figcaption", "label", "summary", "text", "title"]
)
"""Arguments of tags and shortcodes whose values readers see."""
ARGUMENT = re.compile(r"""(?:(?<![\w:-])([\w-]+)\s*[=:]\s*+(?:\{\s*+)?)?(?:"([^"]*)"|'([^']*)'|`([^`]*)`)""")
CROSS_REFERENCE = re.compile(
    r"\s*(?:\w*xref|glossary|htmlelement|svgelement|mathmlelement|svgattr|http(?:header|method|status)|csp|rfc)"
    r"\s*\((.*)\)\s*",
    re.DOTALL | re.IGNORECASE,
)
LITERAL = re.compile(r"""\s*(?:"[^"]*"|'[^']*')""")


def output_text(expression: str) -> str:
    """What readers see of an output, such as `{{ "Read more" }}`, as far as its source tells, or "".

    A cross reference, such as `{{Glossary("Foo", "foos")}}`, shows its second argument or else its first.
    """
    if reference := CROSS_REFERENCE.fullmatch(expression):
        strings = ["".join(values) for name, *values in ARGUMENT.findall(reference[1]) if any(values)]
        return strings[1] if len(strings) > 1 else strings[0] if strings else reference[1].partition(",")[0].strip()
    literal = LITERAL.match(expression)
    text = literal[0].strip()[1:-1] if literal else ""
    return text if reads_as_words(text) else ""


def readable_values(arguments: str, *, positional: bool) -> str:
    """The values that are words for readers among a tag's arguments; with `positional` also of those without a name."""
    values = ((name.lower(), "".join(texts)) for name, *texts in ARGUMENT.findall(arguments))
    return " ".join(
        value for name, value in values if (name in READABLE_NAMES if name else positional and reads_as_words(value))
    )


def reads_as_words(text: str) -> bool:
    """Whether an argument without a name is something to read, and no path, address, class or date format."""
    return " " in text.strip() and "%" not in text and not text.startswith("/") and "://" not in text
