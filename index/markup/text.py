"""The plain text of a post's body, which is Markdown or HTML, and where the sections in it begin.

Text keeps the order in which a reader meets it: blocks on lines of their own, table cells and images set off by
`SEPARATOR`, inline elements never separated. Code, link texts and the alternative texts of images stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import NamedTuple

from index.markup.anchors import SOURCE_RULES, find_anchors
from index.markup.dialect import PLAIN, Dialect
from index.markup.html import HIDDEN, HTML_TAG, QUOTED, is_harmless, parse_html
from index.markup.markdown import MAX_HEADINGS, PAGE_TAGS, RAW_HTML, MarkdownPage, read_markdown
from index.markup.notes import strip_notes
from index.markup.pymdown import plain_markdown
from index.markup.templates import strip_templates
from index.schema import SEPARATOR, Section

__all__ = ["Markup", "read_markup"]

# Marks stand in the text while it is put together. Nothing else there can hold a NUL: it is dropped from the source,
# and no entity decodes to it.
BREAK, HEADING, HEADING_END, CODE, CODE_END = "\0b", "\0h", "\0e", "\0c", "\0d"
IMAGE, SET_OFF = "\0i", "\0s"
UNDESCRIBED = re.compile(f" ?{IMAGE} ?{SET_OFF} ?")
SET_OFFS = re.compile(f" ?(?:(?:{IMAGE}|{SET_OFF}) ?)+")

BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form frame frameset head header hgroup hr html legend li main menu nav noscript ol optgroup p search"
    " section summary table tbody tfoot thead tr ul"
)
SPACED = "audio button canvas embed img input meter object option progress rp rt select td textarea th video"
VERBATIM = "listing plaintext pre xmp"


def separators() -> dict[str, str]:
    """What stands in the marked text for each tag, such as `p` or `/p`; tags that are not here leave nothing."""
    marks = {f"{slash}{name}": BREAK for name in BLOCKS.split() for slash in ("", "/")}
    marks |= {f"{slash}{name}": " " for name in SPACED.split() for slash in ("", "/")}
    marks |= {"/td": SET_OFF, "/th": SET_OFF}
    for name in VERBATIM.split():
        marks |= {name: CODE, f"/{name}": CODE_END}
    for level in "123456":
        marks |= {f"h{level}": BREAK + HEADING, f"/h{level}": HEADING_END + BREAK}
    return marks | {name.upper(): mark for name, mark in marks.items()}


SEPARATOR_OF_TAG = separators()
MARK_OF_TAG = {tag: SEPARATOR_OF_TAG.get(tag.removeprefix("\0"), "") for tag in PAGE_TAGS}
MARK_OF_TAG |= {"\0img": IMAGE, "\0/img": SET_OFF}
LEVEL_OF_TAG = {f"{h}{level}": level for level in range(1, 7) for h in "hH"}

OTHER_BLANK = re.compile(r"[^\S\n\t ]")
INNER_BLANKS = re.compile(r"(?:\t| (?=[\t ]))(?<=\S[\t ])[\t ]*")
"""In code, where they don't indent a line, but for single blanks."""

TAG_PARTS = 3
ATTRIBUTE = re.compile(rf'\s+(id|name|alt)="([^"]*)"|\s+|[^\s=]+|{QUOTED}')
INVISIBLE_CHARS = re.compile(
    "[\x01-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb]"
)
"""Controls, direction marks and signs without width; the joiners U+200C and U+200D stay, some scripts need them."""


@dataclass(frozen=True, slots=True)
class Markup:
    """The plain text of a body, its sections in order, and the tags that stand in it, as in notes."""

    text: str
    sections: tuple[Section, ...] = ()
    tags: tuple[str, ...] = ()


class Heading(NamedTuple):
    """The level of a heading, from 1 to 6, and its anchor or ""."""

    level: int
    anchor: str


def read_markup(source: str, *, html: bool, dialect: Dialect = PLAIN, mdx: bool = False) -> Markup:
    """The text and sections of a body in Markdown, MDX (with `mdx`) or HTML (with `html`); never fails.

    `dialect` says how the site's generator reads it.
    """
    body, tags = well_formed(source), tuple[str, ...]()
    if dialect.pymdown and not html:
        body = plain_markdown(body)
    if dialect.notes and not html and not mdx:
        body, tags = strip_notes(body, dialect)
    else:
        body = strip_templates(body, dialect, html=html, mdx=mdx)
    if html:
        marked, headings = mark_html(parse_html(body))
    else:
        page = read_markdown(body, with_source=dialect.anchors in SOURCE_RULES, raw_html=dialect.raw_html)
        anchors = find_anchors(page.headings, dialect.anchors)
        if is_harmless(page.html):
            marked = mark_markdown(page)
            if page.html:
                anchors = [a or heading.link_id() for a, heading in zip(anchors, page.headings, strict=True)]
            headings = [Heading(heading.level, a) for a, heading in zip(anchors, page.headings, strict=True)]
        else:
            marked, headings = mark_html(parse_html(page.to_html(anchors)))
    text, titles = take_titles(lay_out(marked))
    sections = (
        Section(title, heading.anchor, heading.level, start)
        for heading, (title, start) in zip(headings, titles, strict=True)
        if title
    )
    return Markup(text, tuple(islice(sections, MAX_HEADINGS)), tags)


def well_formed(source: str) -> str:
    """The source without NULs and lone surrogates, which the parsers refuse, and with one kind of line end."""
    text = source.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def mark_markdown(page: MarkdownPage) -> str:
    """The text of a page with a mark for each tag that separates; the HTML in the page must be harmless."""
    pieces = [MARK_OF_TAG.get(piece, piece) for piece in page.pieces]
    if page.html:
        pieces = [(BREAK if "<br" in piece else "") if piece.startswith(RAW_HTML) else piece for piece in pieces]
    return INVISIBLE_CHARS.sub("", "".join(pieces))


def mark_html(html: str) -> tuple[str, list[Heading]]:
    """The text of a page with a mark for each tag that separates, and its headings, with the anchors written there."""
    parts = HTML_TAG.split(HIDDEN.sub("", html))
    tags, attributes = parts[1::TAG_PARTS], parts[2::TAG_PARTS]
    pieces = [""] * (2 * len(tags) + 1)
    pieces[::2] = parts[::TAG_PARTS]
    pieces[1::2] = [
        f"{IMAGE}{alt}{SET_OFF}"
        if "alt=" in rest and (alt := read_attributes(rest).get("alt"))
        else SEPARATOR_OF_TAG.get(tag, "")
        for tag, rest in zip(tags, attributes, strict=True)
    ]
    headings = []
    for i, tag in enumerate(tags):
        if tag in LEVEL_OF_TAG:
            anchor = read_attributes(attributes[i]).get("id") or inner_id(tags, attributes, i)
            headings.append(Heading(LEVEL_OF_TAG[tag], unescape(anchor)))
    return INVISIBLE_CHARS.sub("", unescape("".join(pieces))), headings


def read_attributes(text: str) -> dict[str, str]:
    """The attributes `id`, `name` and `alt` in what stands behind the name of a tag; of repeats the last counts."""
    return dict(ATTRIBUTE.findall(text)) if text else {}


def inner_id(tags: list[str], attributes: list[str], at: int) -> str:
    """The `id` or `name` of the first link within the heading whose tag stands at `at`, or ""."""
    end = f"/{tags[at]}"
    for i in range(at + 1, len(tags)):
        if tags[i] == end or tags[i] in LEVEL_OF_TAG:
            break
        if tags[i] in {"a", "A"}:
            given = read_attributes(attributes[i])
            if id := given.get("id") or given.get("name"):
                return id
    return ""


def lay_out(marked: str) -> str:
    """The marked text in lines: white space counts only where it indents a line of code."""
    first, *rest = marked.split(CODE)
    lines = [join_words(first)]
    for piece in rest:
        code, _, after = piece.partition(CODE_END)
        code = OTHER_BLANK.sub(" ", SET_OFFS.sub(" ", code.replace(BREAK, "\n")))
        lines.append(INNER_BLANKS.sub(" ", code).replace(" \n", "\n").rstrip().lstrip("\n"))
        lines.append(join_words(after.replace(CODE_END, "")))
    return "\n".join(line for line in lines if line)


def join_words(marked: str) -> str:
    """The marked text outside of code: between words one space, separator or, where there were breaks, line end."""
    words = " ".join(marked.split())
    if SET_OFF in words:
        words = SET_OFFS.sub(SEPARATOR, UNDESCRIBED.sub(" ", words)).replace(SEPARATOR + HEADING_END, HEADING_END)
    lines = (line.strip(" ").rstrip(SEPARATOR) for line in words.split(BREAK))
    return "\n".join(filter(None, lines)).replace(HEADING + " ", HEADING).replace(" " + HEADING_END, HEADING_END)


def take_titles(marked: str) -> tuple[str, list[tuple[str, int]]]:
    """The text without the marks of headings, and each heading's title with its offset in that text."""
    first, *rest = marked.split(HEADING)
    plain, titles = [first.replace(HEADING_END, "")], []
    offset = len(plain[0])
    for piece in rest:
        title = piece.partition(HEADING_END)[0]
        titles.append((" ".join(title.split()), offset + len(title) - len(title.lstrip())))
        body = piece.replace(HEADING_END, "")
        plain.append(body if title.strip() else body.lstrip())
        offset += len(plain[-1])
    return "".join(plain).rstrip(), titles
