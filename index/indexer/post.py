"""Reading a post: its header, metadata, text and URL, put together as a `Document`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from pathlib import PurePosixPath

from index.analysis import tokenize
from index.errors import Finding, SettingsError
from index.markup.text import Markup, read_markup
from index.posts.encoding import decode
from index.posts.header import read_header
from index.posts.inheritance import effective
from index.posts.languages import is_language, language_by_script, language_by_words, language_in_path
from index.posts.metadata import Metadata, read_metadata
from index.posts.names import on_one_line
from index.posts.visibility import plain_key
from index.schema import Document
from index.schema.keys import name_key
from index.settings import zone_named
from index.sites.generators.plain import INDEX_NAMES
from index.sites.permalinks import permalink
from index.sites.site import Site

__all__ = ["Post", "read_post", "title_from_name"]

MAX_BODY_CHARS = 2_000_000
"""Of a body as it is written, without data URIs where it is longer: so much markup holds all the text that counts."""

MAX_TEXT_BYTES = 1_000_000
"""Of a post's plain text in UTF-8, some 150,000 words: what follows is cut off."""

DATA_URI = re.compile("(?<=;base64,)[A-Za-z0-9+/=]+")

DATE_IN_NAME = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[-_ ]+|$)")
HASH_IN_NAME = re.compile(r"\b(?:[\da-f]{8}(?: [\da-f]{4}){3} [\da-f]{12}|(?=[a-f]*\d)[\da-f]{8,})\b", re.IGNORECASE)
"""A hash or UUID in the words of a name; a long number is as little of a name."""
POST_SUFFIX = re.compile(r"\.(?:md|markdown|mdown|mkd|mdx|html?|txt|aspx|php)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Post:
    """What came of a file: its document, or, where `excluded` says why, none.

    `expect` are queries that are to find it.
    """

    document: Document | None
    excluded: str | None = None
    warnings: tuple[Finding, ...] = ()
    expect: tuple[str, ...] = ()


def read_post(data: bytes, id: str, site: Site) -> Post:
    """The post with that id, from what its file holds. Raises `PostError` where that can't be read."""
    if reason := site.rules.left_out(site.prefix + id):
        return Post(None, reason)
    name = id.lower()
    html, mdx = name.endswith((".html", ".htm")), name.endswith(".mdx")
    text, findings = decode(data, html=html)
    header = read_header(text)
    if not header.kind and name.endswith(".txt"):
        return Post(None, "no front matter", findings)

    # What counts for the post, and nothing above has asked what it means.
    counts = effective(header.metadata, site.rules.inherited(site.prefix + id))
    read = partial(read_metadata, zone=zone_of(site), generator=site.generator)
    metadata = read(site.rules.restated(site.prefix + id, counts.fields), id)
    warnings = (*findings, *header.warnings, *placed(metadata.warnings, text, header.body_line))
    if metadata.excluded:
        return Post(None, counts.told(metadata.excluded), warnings)
    for source, fields in site.rules.sections(site.prefix + id):
        section = read(fields, id)
        if section.excluded:
            return Post(None, f"{source} is hidden: {section.excluded}", warnings)
        metadata = within(metadata, section)
    said = metadata.lang or language_in_path(id, site.multilingual) or site.lang
    # Nothing but a pattern of the settings asks for the language, and a copy takes as long as all else about it.
    url = permalink(id, replace(metadata, lang=said or "en") if site.url_pattern else metadata, site)
    if url is None:
        return Post(None, f"{site.generator} makes no page of it", warnings)

    body = header.body if len(header.body) <= MAX_BODY_CHARS else DATA_URI.sub("", header.body)
    drawing = name.endswith(".excalidraw.md") or "excalidraw-plugin" in header.metadata
    dialect = replace(site.dialect, templates=(), notes="excalidraw") if drawing else site.dialect
    markup = read_markup(body[:MAX_BODY_CHARS], html=html, dialect=dialect, mdx=mdx)
    markup, cut = bounded(markup, whole=len(body) <= MAX_BODY_CHARS)
    # What stands below other text is the title of a part: only an H1, or a heading that opens the body, is the post's.
    first = next(iter(markup.sections), None)
    heading = on_one_line(first.title) if first and (first.level == 1 or first.start == 0) else ""
    title = metadata.title or heading or title_from_name(id)
    lang = metadata.lang or language_by_script(title, markup.text, said) or language_by_words(title, markup.text)
    # By the keys by which names are alike, the title first: what is left are further names.
    names = {name_key(name): name for name in (title, *metadata.aliases, *name_beside(title, id, lang or "en"))}
    given = {tag.casefold() for tag in metadata.tags}
    document = Document(
        id=id,
        url=url,
        title=title,
        body=markup.text,
        aliases=tuple(names.values())[1:],
        author=metadata.author,
        tags=(*metadata.tags, *(tag for tag in markup.tags if tag.casefold() not in given)),
        category=metadata.category,
        description=metadata.description,
        date=metadata.date,
        lang=lang or "en",
        sections=markup.sections,
        visible_from=metadata.visible_from,
        visible_to=metadata.visible_to,
        boost=metadata.boost,
    )
    return Post(document, None, (*warnings, *cut), metadata.expect)


def within(metadata: Metadata, section: Metadata) -> Metadata:
    """What is said of a post that may only be found while its section may."""
    starts = [moment for moment in (metadata.visible_from, section.visible_from) if moment]
    ends = [moment for moment in (metadata.visible_to, section.visible_to) if moment]
    return replace(metadata, visible_from=max(starts, default=None), visible_to=min(ends, default=None))


def bounded(markup: Markup, *, whole: bool) -> tuple[Markup, tuple[Finding, ...]]:
    """The text up to its last blank within `MAX_TEXT_BYTES`, and a finding where that or the body is not `whole`."""
    if len(markup.text) > MAX_TEXT_BYTES // 4 and len(data := markup.text.encode()) > MAX_TEXT_BYTES:
        text = data[:MAX_TEXT_BYTES].decode(errors="ignore")
        text = text[: max(map(text.rfind, " \n"))].rstrip() if " " in text or "\n" in text else text
        sections = tuple(section for section in markup.sections if section.start < len(text))
        markup = Markup(text, sections, markup.tags)
        limit = f"text is longer than {MAX_TEXT_BYTES:,} bytes"
    elif whole:
        return markup, ()
    else:
        limit = f"body is longer than {MAX_BODY_CHARS:,} characters"
    return markup, (Finding(f"the {limit}: what follows is not searched; part the post in several"),)


def zone_of(site: Site) -> tzinfo:
    """The zone of dates that name none. Raises `SettingsError` for a zone that there is not."""
    try:
        return zone_named(site.timezone)
    except ValueError as error:
        raise SettingsError(f"timezone: {site.timezone!r} is not a zone such as Europe/Berlin") from error


def placed(findings: tuple[Finding, ...], text: str, body_line: int) -> Iterator[Finding]:
    """The findings, each with the line of the header that gives the key which its message begins with."""
    head = text.split("\n", body_line)[: body_line - 1] if findings else []
    keys = [plain_key(re.split("[:=]", line)[0].strip("\"' \t,{")) for line in head]
    for finding in findings:
        key = plain_key(finding.message.split(":")[0])
        line = keys.index(key) + 1 if key in keys else 0
        yield replace(finding, line=line, column=1) if line and not finding.line else finding


def title_from_name(id: str) -> str:
    """A title from the path: `2013-06-19-my-post.md` is "My post", as is `my-post.de.md` or `my-post/index.md`."""
    path = PurePosixPath(id)
    stem = bare_stem(path.name)
    if stem.lower() in INDEX_NAMES and path.parent.name:
        stem = bare_stem(path.parent.name)
    words = on_one_line(re.sub("[-_]+", " ", DATE_IN_NAME.sub("", stem))) or on_one_line(stem) or "\ufffd"
    return words[:1].upper() + words[1:]


def name_beside(title: str, id: str, lang: str) -> tuple[str, ...]:
    """The title from the path where it has words that the title of the post has not, nor are numbers or hashes."""
    name = HASH_IN_NAME.sub("", title_from_name(id)).strip()
    if not re.search(r"[^\W\d_]", name) or name.lower() in INDEX_NAMES or is_language(name.lower().replace(" ", "-")):
        return ()
    if set(name.lower().split()) <= set(re.findall(r"\w+", title.lower())):  # which most are, and is told soonest
        return ()
    terms = {token.term for token in tokenize(title, lang)}
    words = tokenize(name, lang)
    held = {token.position for token in words if token.term in terms}
    return (name,) if any(token.position not in held for token in words) else ()


def bare_stem(name: str) -> str:
    """The name without its suffixes, of which there may be two, `.html.md`, and without its language, `.de.md`."""
    while (stem := POST_SUFFIX.sub("", name)) not in {name, ""}:
        name = stem
    stem, _, suffix = name.rpartition(".")
    return stem if stem and is_language(suffix) else name
