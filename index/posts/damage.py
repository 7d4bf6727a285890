"""Headers whose fences are missing or misplaced: read where that is safe, refused where they might become body text."""

from __future__ import annotations

import re

from index.errors import Finding, PostError
from index.posts.handlers import YamlHandler
from index.posts.header_lines import is_fence, is_key_line, is_telling, looks_like_header, looks_like_keys
from index.posts.visibility import META_TAG, hides, plain_key, plain_line
from index.posts.yaml_header import TELLING

__all__ = ["DamagedHandler", "refuse_lost"]

MAX_PROSE_LINES = 5
"""Lines before a header that are still taken for damage, rather than for a text about front matter."""

MAX_SEARCHED_LINES = 300
"""Lines among which a fence is looked for that should have been the first."""

LOST_PAIR = re.compile(r"""["']?(?P<key>[^\W\d_][\w .-]{0,60})["']?\s*:(?P<value>\s.*|)$""")
LOST_ANY_PAIR = re.compile(r"""[\s{]*["']?(?P<key>[^\W\d_][\w.-]{0,60})["']?\s*(?::\s|=\s*(?=["'[\w]))(?P<value>.*)$""")
"""A key with its value, as YAML has it at the margin, and as TOML and JSON have it too."""

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
        if len(above) > MAX_PROSE_LINES or any(line.startswith(("```", "~~~")) for line in above):
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


def refuse_lost(text: str, lines_above: int, *, found: bool) -> None:
    """Raise `PostError` where the text begins with lines that can only have been meant as a header.

    `lines_above` counts the lines of the file that stand before the text. Where no keys have been `found` there, or
    keys of TOML, lines of TOML and JSON count too.
    """
    prose, telling, above, form = 0, 0, "", LOST_PAIR if found else LOST_ANY_PAIR
    question = ""  # the key of a line `? key`, whose value stands on the next one behind a colon
    lines = text.split("\n", MAX_SEARCHED_LINES)[:MAX_SEARCHED_LINES]
    for number, line in enumerate(map(plain_line, lines), lines_above + 1):
        if not line.strip():
            telling = 0
            continue
        opening = line.lstrip()
        line = f"{question}{opening}" if question and opening.startswith(":") else line
        question = opening[1:].strip() if opening.startswith(("? ", "?\t")) else ""
        pair = form.match(line) or (None if found else META_TAG.search(line))
        telling += bool(pair and plain_key(pair["key"]) in TELLING)
        prose += not (pair or line[0] in " \t-?")
        if line.lstrip().startswith(("```", "~~~")) or prose > MAX_PROSE_LINES:
            return
        hiding = pair and hides(pair["key"], unwrapped(pair["value"]), in_text=True)
        broken_off = telling and not found and is_fence(line)
        if telling > 1 or hiding or broken_off or hides_below(above, line):
            raise PostError("lines of a header stand in the text; mend the fences around them", line=number, column=1)
        if line[:1].strip():
            above = pair["key"] if pair and not pair["value"].strip() else ""


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
