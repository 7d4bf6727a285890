"""The body of a post goes in, as Markdown or HTML; plain text and its sections come out.

Text keeps the order in which a reader meets it: blocks on lines of their own, table cells and images set off by
spaces, inline elements never separated. Code, link texts and the alternative texts of images stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from index.markup.anchors import find_anchors
from index.markup.html import QUOTED, TAG, is_regular, parse
from index.markup.markdown import render
from index.markup.templates import strip_templates
from index.schema import Section

__all__ = ["Markup", "read_markup"]

# Marks stand in the text while it is put together. Nothing else there can hold a NUL: it is dropped from the source,
# and no entity decodes to it.
BREAK, HEADING, HEADING_END, CODE, CODE_END = "\0b", "\0h", "\0e", "\0c", "\0d"

BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form frame frameset head header hgroup hr html legend li main menu nav noscript ol optgroup p search"
    " section summary table tbody tfoot thead tr ul"
)
SPACED = "audio button canvas embed img input meter object option progress rp rt select td textarea th video"
VERBATIM = "listing plaintext pre xmp"


def separators() -> dict[str, str]:
    """What stands in the text for each tag, `p` or `/p`; tags that are not here leave nothing."""
    marks = {f"{slash}{name}": BREAK for name in BLOCKS.split() for slash in ("", "/")}
    marks |= {f"{slash}{name}": " " for name in SPACED.split() for slash in ("", "/")}
    for name in VERBATIM.split():
        marks |= {name: CODE, f"/{name}": CODE_END}
    for level in "123456":
        marks |= {f"h{level}": BREAK + HEADING, f"/h{level}": HEADING_END + BREAK}
    return marks | {name.upper(): mark for name, mark in marks.items()}


SEPARATORS = separators()
HEADINGS = {f"{h}{level}": level for level in range(1, 7) for h in "hH"}

# What is told apart by one character is told by that first: there are hundreds of tags in a page.
DROPPED = re.compile(
    r"<(?=[!?instINST])(?:!--.*?(?:--!?>|\Z)|[!?][^>]*(?:>|\Z)"
    r"|(script|style|svg|template|title|iframe|noembed|noframes)\b[^>]*(?:>|\Z).*?(?:</\1\s*>|\Z))",
    re.DOTALL | re.IGNORECASE,
)
TAG_PARTS = 3
ATTRIBUTE = re.compile(rf'\s+(id|name|alt)="([^"]*)"|\s+|[^\s=]+|{QUOTED}')
INVISIBLE = re.compile(
    "[\x01-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb]"
)
"""Controls, direction marks and signs without width; the joiners U+200C and U+200D stay, some scripts need them."""


@dataclass(frozen=True, slots=True)
class Markup:
    """The plain text of a body and its headings; `start` of a section is the offset of its heading in `text`."""

    text: str
    sections: tuple[Section, ...] = ()

    @property
    def first_heading(self) -> str:
        """The text of the first heading, or ""; a title where the header has none."""
        return self.sections[0].title if self.sections else ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it stands in the HTML: its level, and the `id` of its own or of a link within it, or ""."""

    level: int
    id: str


def read_markup(source: str, *, html: bool, generator: str = "none", mdx: bool = False) -> Markup:
    """The text and sections of a body in Markdown, MDX (with `mdx`) or HTML (with `html`); never fails.

    Headings bear the anchors that the generator (`jekyll`, `hugo`, `pelican`, `eleventy` or `none`) gives them.
    """
    body = strip_templates(well_formed(source), html=html, mdx=mdx)
    page = body if html else render(body)
    marked, headings = flatten(page if not html and is_regular(body, page) else parse(page))
    text, found = cut(lay_out(marked))
    written = [(heading.level, heading.id, title) for heading, (title, _) in zip(headings, found, strict=True)]
    anchors = [id for _, id, _ in written] if html else find_anchors(body, written, generator)
    sections = (
        Section(title, anchor, heading.level, start)
        for heading, anchor, (title, start) in zip(headings, anchors, found, strict=True)
        if title
    )
    return Markup(text, tuple(sections))


def well_formed(source: str) -> str:
    """The source without NULs and lone surrogates, which the parsers refuse, and with one kind of line end."""
    text = source.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def flatten(html: str) -> tuple[str, list[Heading]]:
    """The text with a mark for each tag that separates, and the headings in order."""
    parts = TAG.split(DROPPED.sub("", html))
    tags, behind = parts[1::TAG_PARTS], parts[2::TAG_PARTS]
    pieces = [""] * (2 * len(tags) + 1)
    pieces[::2] = parts[::TAG_PARTS]
    pieces[1::2] = [
        f" {alt} " if "alt=" in rest and (alt := attributes(rest).get("alt")) else SEPARATORS.get(tag, "")
        for tag, rest in zip(tags, behind, strict=True)
    ]
    headings = [
        Heading(HEADINGS[tag], unescape(attributes(behind[i]).get("id") or inner_id(tags, behind, i)))
        for i, tag in enumerate(tags)
        if tag in HEADINGS
    ]
    return INVISIBLE.sub("", unescape("".join(pieces))), headings


def attributes(text: str) -> dict[str, str]:
    """What stands behind the name of a tag as those attributes that bear on the text; of repeats the last counts."""
    return dict(ATTRIBUTE.findall(text)) if text else {}


def inner_id(tags: list[str], behind: list[str], at: int) -> str:
    """The `id` or `name` of the first link within the heading whose tag stands at `at`, or ""."""
    end = f"/{tags[at]}"
    for i in range(at + 1, len(tags)):
        if tags[i] == end or tags[i] in HEADINGS:
            break
        if tags[i] in {"a", "A"}:
            given = attributes(behind[i])
            if id := given.get("id") or given.get("name"):
                return id
    return ""


def lay_out(marked: str) -> str:
    """The marked text in lines: white space counts only within code."""
    first, *rest = marked.split(CODE)
    lines = [prose(first)]
    for piece in rest:
        code, _, after = piece.partition(CODE_END)
        lines.append(code.replace(BREAK, "\n").rstrip().lstrip("\n"))
        lines.append(prose(after.replace(CODE_END, "")))
    return "\n".join(line for line in lines if line)


def prose(marked: str) -> str:
    """Words with one space or one line end between them."""
    lines = map(str.strip, " ".join(marked.split()).split(BREAK))
    return "\n".join(filter(None, lines)).replace(HEADING + " ", HEADING).replace(" " + HEADING_END, HEADING_END)


def cut(text: str) -> tuple[str, list[tuple[str, int]]]:
    """The text without marks, and the title and offset of each heading."""
    first, *rest = text.split(HEADING)
    plain, found = [first.replace(HEADING_END, "")], []
    offset = len(plain[0])
    for piece in rest:
        title = piece.partition(HEADING_END)[0]
        found.append((" ".join(title.split()), offset + len(title) - len(title.lstrip())))
        body = piece.replace(HEADING_END, "")
        plain.append(body if title.strip() else body.lstrip())
        offset += len(plain[-1])
    return "".join(plain).rstrip(), found
