"""Titles, people and terms, whatever shape a header gives them: texts, lists, mappings, or lists of these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape

__all__ = ["on_one_line", "people", "plain_text", "terms", "text_of"]

INLINE_TAGS = (
    "em strong b i u s code span sup sub small big a mark del ins abbr q cite kbd samp var tt font time bdi bdo strike"
)
PAIRED_TAG = re.compile(rf"<({'|'.join(INLINE_TAGS.split())})(?:\s[^<>]*)?>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
LONE_TAG = re.compile(r"<(?:br|wbr|img|hr)\b[^<>]*>|</?(?:p|div)\b[^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
LITERAL = re.compile(r"(?<![`\w])`([^`]++)`(?![`\w])|^\s*<\w++>(?=\s*(?::|$))")
"""What is no markup but talked about: code in Markdown, and an element by itself, as in `<br>: the line break`."""
EMAIL = re.compile(r"(?<!\s)\s*+<[^<>\s][^<>\s@]*+@[^<>\s]++>")
UNSHOWABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Controls other than white space, which steer a terminal, and overrides of direction; marks and joiners are none."""

PERSON_KEYS = ("displayname", "fullname", "name", "title", "nick", "nickname", "login", "username", "github", "email")
TERM_KEYS = ("name", "title", "label", "slug", "text", "value")
NO_NAMES = frozenset(
    ["administrator", "advocate", "analyst", "and", "architect", "associate", "at", "ceo", "cfo", "chair",
     "chief", "cofounder", "community", "company", "consultant", "contributor", "coo", "coordinator",
     "corporation", "counsel", "cto", "department", "designer", "developer", "director", "editor", "engineer",
     "evangelist", "executive", "fellow", "for", "foundation", "founder", "gmbh", "group", "head", "inc",
     "institute", "intern", "labs", "lead", "leader", "llc", "ltd", "manager", "of", "office", "officer",
     "partner", "phd", "president", "principal", "professor", "project", "research", "researcher", "scientist",
     "secretary", "specialist", "strategist", "team", "technologist", "the", "university", "writer"]
)  # fmt: skip
"""Words, in lower case, of roles and places of work: "Josh Aas, ISRG Executive Director" is one person."""

MAX_NAME_CHARS = 4_000
MAX_NAME_TAGS = 100
"""What holds more is left as it is: from each tag on, the text is searched for its end."""

MAX_ITEMS = 1_000


def text_of(value: object) -> str:
    """The value as one text: of lists all items, of mappings nothing."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_of, value[:MAX_ITEMS])))
    return "" if value is None or isinstance(value, Mapping) else str(value)


def plain_text(text: str) -> str:
    """The text without inline HTML and entities, on one line. `<vector>` is no HTML, and stays, as does code."""
    text = text[:MAX_NAME_CHARS]
    if "<" in text or "`" in text:
        text = LITERAL.sub(lambda found: escape(found[1] or found[0]), text)
    if 0 < text.count("<") <= MAX_NAME_TAGS:
        for _ in range(3):  # elements may lie within elements
            text, count = PAIRED_TAG.subn(r"\2", text)
            if not count:
                break
        text = LONE_TAG.sub(" ", text)
    return on_one_line(unescape(text))


def on_one_line(text: str) -> str:
    """The text with single blanks for white space, and without what would steer a terminal or turn the text around."""
    return " ".join((text if text.isprintable() else UNSHOWABLE.sub("", text)).split())


def items(value: object, keys: tuple[str, ...], depth: int = 0) -> Iterator[str]:
    """The texts in the value, whatever its shape."""
    if isinstance(value, list):
        for item in value[:MAX_ITEMS] if depth < 4 else ():
            yield from items(item, keys, depth + 1)
    elif isinstance(value, Mapping):
        # What it calls itself: the value of the first of the keys, else its own keys, as in `- jane:`.
        fields = {re.sub(r"[-_ ]", "", str(key)).lower(): item for key, item in value.items()}
        text = next((str(found) for key in keys if (found := fields.get(key)) and isinstance(found, str)), "")
        given = [str(part) for key in ("firstname", "lastname") if (part := fields.get(key))]
        if given and keys is PERSON_KEYS and not fields.get("displayname"):
            text = " ".join(given)
        if text:
            yield text
        elif all(item is None or isinstance(item, Mapping) for item in fields.values()):
            yield from filter(None, map(str, value))
    elif value is not None:
        yield str(value)


def people(value: object, *, plural: bool) -> tuple[str, ...]:
    """The people that the value names, each once. A comma inside a name is not the end of it: "NARUSE, Yui"."""
    alone = isinstance(value, str)
    found: dict[str, str] = {}
    for item in items(value, PERSON_KEYS):
        for part in (split_people(item, plural=plural) if alone else item.split(";"))[:MAX_ITEMS]:
            if name := plain_text(EMAIL.sub("", part[:MAX_NAME_CHARS])).strip(" ,;"):
                found.setdefault(name.casefold(), name)
    return tuple(found.values())


def split_people(text: str, *, plural: bool) -> list[str]:
    """The parts of a text that names several people.

    Semicolons part them; commas do under a key in the plural, or where each part is a full name by itself.
    """
    if ";" in text:
        return text.split(";")
    parts = text.split(",")
    return parts if plural or all(is_full_name(part) for part in parts) else [text]


def is_full_name(text: str) -> bool:
    """Whether the text is a first and a last name, as "Rod Vagg" is and "for the Go team" is not."""
    words = text.split()
    return (
        len(words) > 1 and not words[0][0].islower() and NO_NAMES.isdisjoint(word.lower().strip(".") for word in words)
    )


def terms(value: object, *, by_words: bool = False) -> Iterator[str]:
    """The tags or categories in the value. A text that stands alone is parted at commas, or else by words if asked."""
    alone = isinstance(value, str)
    for item in items(value, TERM_KEYS):
        parted = re.split(r"[,;]" if "," in item or ";" in item else r"\s+" if by_words else r"\n", item)
        for part in parted[:MAX_ITEMS] if alone else [item]:
            if term := plain_text(part).strip(" ,"):
                yield term
