"""Reading a post: its header, metadata, text and URL, put together as a `Document`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from index.errors import Finding
from index.markup.text import Markup, read_markup
from index.posts.encoding import decode
from index.posts.header import Header, read_header
from index.posts.inheritance import effective
from index.posts.languages import language_by_script, language_by_words, language_in_path
from index.posts.metadata import Metadata, read_metadata
from index.posts.titles import name_beside, title_from_body, title_from_name
from index.posts.visibility import plain_key
from index.schema import Document
from index.schema.keys import name_key
from index.settings import zone_named
from index.sites.permalinks import permalink
from index.sites.site import Site

__all__ = ["Post", "read_post"]

MAX_BODY_CHARS = 2_000_000
"""Of a body as it is written, without data URIs where it is longer: so much markup holds all the text that counts."""

MAX_TEXT_BYTES = 1_000_000
"""Of a post's plain text in UTF-8, some 150,000 words: what follows is cut off."""

DATA_URI = re.compile("(?<=;base64,)[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Post:
    """What came of a file: its document, or, where `excluded` says why, none.

    `expect` are queries that are to find it. `language_told_by` says what told the language of the document.
    """

    document: Document | None
    excluded: str | None = None
    warnings: tuple[Finding, ...] = ()
    expect: tuple[str, ...] = ()
    language_told_by: str = ""


def read_post(data: bytes, id: str, site: Site) -> Post:
    """The post with that id, from what its file holds. Raises `PostError` where that can't be read."""
    if reason := site.rules.left_out(site.prefix + id):
        return Post(None, reason)
    text, findings = decode(data, html=is_html(id))
    header = read_header(text)
    if not header.kind and id.lower().endswith(".txt"):
        return Post(None, "no front matter", findings)

    metadata = metadata_of(header, id, site)
    warnings = (*findings, *header.warnings, *placed(metadata.warnings, text, header.body_line))
    if metadata.excluded:
        return Post(None, metadata.excluded, warnings)
    in_path = language_in_path(id, site.multilingual)
    known = metadata.lang or in_path or site.lang
    # Nothing but a pattern of the settings asks for the language, and a copy takes as long as all else about it.
    url = permalink(id, replace(metadata, lang=known or "en") if site.url_pattern else metadata, site)
    if url is None:
        return Post(None, f"{site.generator} makes no page of it", warnings)

    markup, cut = text_of(header, id, site)
    title = metadata.title or title_from_body(markup.sections, in_note=bool(site.dialect.notes)) or title_from_name(id)
    lang, told_by = language_of(metadata.lang, in_path, site.lang, title, markup.text)
    # By the keys by which names are alike, the title first: what is left are further names.
    names = {name_key(name): name for name in (title, *metadata.aliases, *name_beside(title, id))}
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
        lang=lang,
        sections=markup.sections,
        visible_from=metadata.visible_from,
        visible_to=metadata.visible_to,
        boost=metadata.boost,
    )
    return Post(document, None, (*warnings, *cut), metadata.expect, told_by)


def language_of(own: str, in_path: str, of_site: str, title: str, text: str) -> tuple[str, str]:
    """The language of the post, and what tells it, by those that header, path and site say, each "" for none.

    Its own is believed whatever the letters are.
    """
    if own:
        return own, "its header, or the site for this file"
    known = in_path or of_site
    by_letters = language_by_script(title, text, known)
    if by_letters != known:
        return by_letters, "its letters"
    if known:
        return known, "its path" if in_path else "the site, or the settings"
    by_words = language_by_words(title, text)
    return (by_words, "its words") if by_words else ("en", "nothing tells another")


def is_html(id: str) -> bool:
    """Whether the file is a page of HTML, by its name."""
    return id.lower().endswith((".html", ".htm"))


def metadata_of(header: Header, id: str, site: Site) -> Metadata:
    """What is said of the post: by its header, by the site, and by the sections that it lies in."""
    rules, path = site.rules, site.prefix + id
    read = partial(read_metadata, id=id, zone=zone_named(site.timezone), generator=site.generator)
    # What counts for the post, and nothing above has asked what it means.
    counts = effective(header.metadata, rules.inherited(path))
    metadata = read(rules.restated(path, counts.fields))
    if metadata.excluded:
        return replace(metadata, excluded=counts.told(metadata.excluded))
    for source, fields in rules.sections(path):
        section = read(fields)
        if section.excluded:
            return replace(metadata, excluded=f"{source} is hidden: {section.excluded}")
        # The post may only be found while its section may.
        starts = filter(None, (metadata.visible_from, section.visible_from))
        ends = filter(None, (metadata.visible_to, section.visible_to))
        metadata = replace(metadata, visible_from=max(starts, default=None), visible_to=min(ends, default=None))
    return metadata


def text_of(header: Header, id: str, site: Site) -> tuple[Markup, tuple[Finding, ...]]:
    """The text of the post, up to the last blank within `MAX_TEXT_BYTES`, and a finding where something is cut off."""
    body = header.body if len(header.body) <= MAX_BODY_CHARS else DATA_URI.sub("", header.body)
    drawing = id.lower().endswith(".excalidraw.md") or "excalidraw-plugin" in header.metadata
    dialect = replace(site.dialect, templates=(), notes="excalidraw") if drawing else site.dialect
    markup = read_markup(body[:MAX_BODY_CHARS], html=is_html(id), dialect=dialect, mdx=id.lower().endswith(".mdx"))
    limit = f"body is longer than {MAX_BODY_CHARS:,} characters" if len(body) > MAX_BODY_CHARS else ""
    if len(markup.text) > MAX_TEXT_BYTES // 4 and len(data := markup.text.encode()) > MAX_TEXT_BYTES:
        limit = f"text is longer than {MAX_TEXT_BYTES:,} bytes"
        text = data[:MAX_TEXT_BYTES].decode(errors="ignore")
        text = text[: max(map(text.rfind, " \n"))].rstrip() if " " in text or "\n" in text else text
        markup = Markup(text, tuple(section for section in markup.sections if section.start < len(text)), markup.tags)
    finding = Finding(f"the {limit}: what follows is not searched; part the post in several")
    return markup, (finding,) if limit else ()


def placed(findings: tuple[Finding, ...], text: str, body_line: int) -> Iterator[Finding]:
    """The findings, each with the line of the header that gives the key which its message begins with."""
    head = text.split("\n", body_line)[: body_line - 1] if findings else []
    keys = [plain_key(re.split("[:=]", line)[0].strip("\"' \t,{")) for line in head]
    for finding in findings:
        key = plain_key(finding.message.split(":")[0])
        line = keys.index(key) + 1 if key in keys else 0
        yield replace(finding, line=line, column=1) if line and not finding.line else finding
