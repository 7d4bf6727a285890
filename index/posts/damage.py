"""Headers whose fences are missing or misplaced: read where that is safe, refused where they might become body text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from index.errors import Finding, PostError
from index.posts.handlers import YamlHandler
from index.posts.header_lines import (
    first_paragraph,
    is_fence,
    is_key_line,
    is_telling,
    looks_like_header,
    looks_like_keys,
)
from index.posts.visibility import META_TAG, hides, plain_key, plain_line
from index.posts.yaml_header import TELLING

__all__ = ["DamagedHandler", "refuse_lost"]

MAX_PROSE_LINES = 5
"""Lines before a header that are still taken for damage, rather than for a text about front matter."""

MAX_SEARCHED_LINES = 300
"""Lines among which a fence is looked for that should have been the first."""

MAX_ODD_LINES = 5
"""Lines that are neither prose nor of a header, beyond which no header is looked for."""

MIN_SENTENCE_WORDS, MIN_ITEM_WORDS = 4, 12
"""From so many words on a line, or an item of a list, is prose."""

BARE_KEYS = frozenset({"title", "date"})
"""Keys of which one stands in a whole header that has no fences."""

LOST_PAIR = re.compile(
    r"""[\s{]*(?:\.\.[ \t]+|\#\+|:)?["']?(?P<key>[^\W\d_][\w .-]{0,60}?)["']?\s*"""
    r"""(?::(?=\s|$)|=\s*(?=["'[\w]))(?P<value>.*)$"""
)
"""A key with its value in YAML, TOML, JSON, or with the marks of reStructuredText and Org."""

TEXT = re.compile(
    r"```|~~~|> [^\W\d_]|={3,}\s*$|\[(?:source)?code\b"
    r"|<(?!(?i:html|head|title|meta|link|base)\b)(?:[A-Z][a-z]|(?i:pre|code|style|script|p|div|h[1-6]|ul|ol|table|span)\b)"
)
"""What holds prose or samples, such as code."""

TAG = re.compile(r"\{(?P<kind>[{%])[-<% \t]*[^\W\d_]")
"""How a tag of a template opens, which may hold them too, or a damaged object of JSON."""

HEADING = re.compile(r"#{1,6}\s+\S")
PARTING = re.compile(r"(?:-{3,}|\+{3,}|\.{3}|[^{]*\}[;\s]*)\s*$")
"""A fence, or the end of an object in JSON."""

LOST_BELOW = re.compile(r"""(?P<indent>\s+)["']?(?P<key>[^\W\d_][\w.-]{0,60})["']?\s*:(?P<value>\s.*)$""")
"""A key with its value that stands below another key."""


class DamagedHandler(YamlHandler):
    """YAML whose opening fence is missing, or has lines before it."""

    def detect(self, text: str) -> bool:
        """Whether a fence further down closes or opens a header.

        Raises `PostError` where one is meant that can't be told from the text around it.
        """
        return find_header(text) is not None

    def split(self, text: str) -> tuple[str, str]:
        """The header, with what stands before its fence where that is keys too, and the lines behind it."""
        header, body, finding = find_header(text) or ("", text, Finding(""))
        self.findings = [finding]
        return header, body


def find_header(text: str) -> tuple[str, str, Finding] | None:
    """Header, body, and what is wrong with the fences; None for a text without a header.

    Raises `PostError` where taking the header for text would publish what it hides.
    """
    lines = text.split("\n", MAX_SEARCHED_LINES)
    fences = [number for number, line in enumerate(lines[:MAX_SEARCHED_LINES]) if number and is_fence(line)]
    if kind := re.match(r"[-;]{3,}[ \t]*(js|javascript|coffee\w*|cson)\s*$", lines[0]):
        message = f"front matter in {kind[1]!r} is a program, and never run; write it as YAML, TOML or JSON"
        raise PostError(message, line=1, column=4)
    if not fences:
        return None
    end, close = fences[0], fences[1] if len(fences) > 1 else 0
    first, block = lines[:end], lines[end + 1 : close]

    # A whole header, with lines before it: keys belong to it, a few words are a mistake, many are prose about headers.
    if close and is_key_line(block[0] if block else "") and looks_like_header(block):
        above = [line for line in first if line.strip()]
        if all(map(is_key_line, above)):
            finding = Finding("lines stand before the opening fence; they were read as part of the header", 1, 1)
            return "\n".join([*first, "", *block]), "\n".join(lines[close + 1 :]), finding
        opening = first_paragraph("\n".join(first))
        has_bare_key = any(plain_key(line.split(":")[0]) in BARE_KEYS for line in opening)
        is_bare = has_bare_key and all(map(is_key_line, opening))  # a whole header that has no fences
        if is_bare or len(above) > MAX_PROSE_LINES or any(opens_text(above[n:]) for n in range(len(above))):
            return None
        raise PostError("text stands before the opening fence", line=1, column=1)

    # An opening fence of a kind that nobody reads, or with a key on its line.
    if re.match(r"-{3,}[ \t]*[a-z]+\s*$", first[0]):
        raise PostError(f"front matter of the kind {first[0].lstrip('- ')!r} can't be read", line=1, column=4)
    if first[0].startswith("---") and (looks_like_keys([first[0].lstrip("-")]) or looks_like_header(first[1:])):
        raise PostError("the opening fence is not on a line of its own", line=1, column=4)

    # Keys up to a fence that closes what none opened.
    if is_key_line(first[0]) and any(map(is_telling, first)) and ("" not in first or looks_like_header(first)):
        finding = Finding("the front matter has no opening fence", 1, 1)
        return "\n".join(first), "\n".join(lines[end + 1 :]), finding
    return None


def refuse_lost(
    text: str, lines_above: int, header: Mapping[str, object] | None = None, *, bare: bool = False
) -> tuple[Finding, ...]:
    """A finding where the text begins with a line that would hide the post if it stood in the `header` above.

    Raises `PostError` where such lines can only have been meant as a header: where none stands above that is whole,
    with keys that only headers give, or where a fence or, if it is `bare` of fences, an empty line has parted it.
    `lines_above` counts the lines of the file that stand before the text.
    """
    keys = frozenset(map(plain_key, header or ()))
    whole = not keys.isdisjoint(BARE_KEYS if bare else TELLING)
    odd, telling, above = 0, 0, ""
    question = ""  # the key of a line `? key`, whose value stands on the next one behind a colon
    lines = text.split("\n", MAX_SEARCHED_LINES)[:MAX_SEARCHED_LINES]
    for number, line in enumerate(map(plain_line, lines), 1):
        if not line.strip():
            telling = 0
            continue
        opening = line.lstrip()
        line = f"{question}{opening}" if question and opening.startswith(":") else line
        question = opening[1:].strip() if opening.startswith(("? ", "?\t")) else ""
        # Prose may hold such an element as code.
        pair = LOST_PAIR.match(line) or (META_TAG.search(line) if opening[0] == "<" else None)
        titled = HEADING.match(line) and not "".join(lines[number : number + 1]).strip()
        if not pair and (titled or is_prose(lines[number - 1 :])):
            return ()
        telling += bool(pair and plain_key(pair["key"]) in TELLING)
        odd += not (pair or line[0] in " \t-?")
        if odd > MAX_ODD_LINES:
            return ()
        hiding = (pair and hides(pair["key"], unwrapped(pair["value"]), in_text=True)) or hides_below(above, line)
        torn = bare and pair and plain_key(pair["key"]) in TELLING - keys and len(pair["value"].split()) == 1
        torn = torn and number <= len(first_paragraph(text))
        if hiding and whole and not torn and not is_parted(lines):
            message = "a line below the header would hide the post in it; here it is text"
            return (Finding(message, lines_above + number, 1),)
        if hiding or (not whole and (telling > 1 or (telling and is_fence(line)))):
            message = "lines of a header stand in the text; mend the fences around them"
            raise PostError(message, line=lines_above + number, column=1)
        if line[:1].strip():
            above = pair["key"] if pair and not pair["value"].strip() else ""
    return ()


def is_prose(lines: Sequence[str]) -> bool:
    """Whether the first line, which is not empty, begins the text of a post: a sentence, or what holds text or code."""
    if opens_text(lines):
        return True
    line = lines[0]
    ended = line.rstrip().endswith((".", "!", "?", "…")) and not {":", "="} & set(line)
    words = re.findall(r"[^ \t]+", re.split("[:=]", line, maxsplit=1)[0])  # other blanks may be strays of a damaged key
    if line.startswith(("- ", "* ")):
        return len(words) > MIN_ITEM_WORDS
    return line[0].isalpha() and (len(words) >= MIN_SENTENCE_WORDS or (ended and len(words) > 1))


def opens_text(lines: Sequence[str]) -> bool:
    """Whether the first line begins what holds text or code; a tag does that is closed before the next empty line."""
    if (tag := TAG.match(lines[0])) is None:
        quoted = lines[0][0] == ">" and bool(lines[1:]) and LOST_PAIR.match(lines[1])  # or a key that was cut off
        return bool(TEXT.match(lines[0])) and not quoted
    closing = "}}" if tag["kind"] == "{" else "%}"
    return any(closing in line for line in takewhile(str.strip, lines))


def is_parted(lines: Sequence[str]) -> bool:
    """Whether a fence stands right below lines that might all stand in a header, so that one above parts that."""
    for number, line in enumerate(map(plain_line, lines)):
        if number and PARTING.match(line):
            return bool(lines[number - 1].strip())
        if line.strip() and not (line[0] in " \t-#?:[" or LOST_PAIR.match(line)):
            return False
    return False


def hides_below(above: str, line: str) -> bool:
    """Whether the line would hide the post where it stands below a key: the one `above`, or any if that is lost.

    Where no key stands above, four blanks begin a block of code.
    """
    pair = LOST_BELOW.match(line)
    if pair is None or (not above and len(pair["indent"].expandtabs(4)) > 3):
        return False
    key, value = pair["key"], unwrapped(pair["value"])
    if above:
        return hides(above, {key: value}, in_text=True) is not None
    return any(hides(*pair, in_text=True) for pair in ((key, value), ("search", {key: value})))


def unwrapped(value: str) -> str:
    """The value without quotes, and without what separates or ends pairs in JSON."""
    return value.strip(" \t,}\"'")
