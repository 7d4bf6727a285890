"""What the site's authors say of its search, read again when they save it; see `index.curation` for the files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Generic, TypeVar

from index.errors import CurationError
from index.log import get_logger
from index.schema.keys import name_key
from index.settings import Settings
from index.stamps import is_settled
from search.query.synonyms import Synonyms, synonyms_of

__all__ = ["Curation"]

logger = get_logger(__name__)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class FileState(Generic[Value]):
    """One look at a file: its stamp, whether no later change can leave that as it is, and the value and the digest of
    its last good version."""

    stamp: tuple[int, ...]
    settled: bool
    value: Value
    digest: str


class CuratedFile(Generic[Value]):
    """A file beside the posts; shared by threads, of which each assigns a whole state."""

    def __init__(self, path: Path, make: Callable[[Iterable[tuple[str, Sequence[str]]]], Value]) -> None:
        """`make` gives the value of its rules, which are texts with what is said of them."""
        self._path, self._make = path.absolute(), make
        self._name = str(self._path)
        self._state = FileState((), True, make(()), "")

    def current(self) -> FileState[Value]:
        """What the file holds now; while it can't be used, its last good version. Mostly looks at it and no more."""
        stamp: tuple[int, ...] = ()
        held = self._state
        with suppress(OSError):
            status = os.lstat(self._name)  # at every query: to make its name of the path takes longer than to look
            stamp = status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
        if stamp == held.stamp and held.settled:
            return held
        settled = is_settled(max(stamp[:2], default=0), time.time_ns())
        state = replace(held, stamp=stamp, settled=settled)
        # It reads YAML, which takes a while to load, and most sites have no such file.
        curation = import_module("index.curation")
        try:
            data = curation.read_bytes(self._path)
            digest = blake2b(data, digest_size=8).hexdigest()
            if digest != held.digest:
                parse = {"synonyms.yml": curation.parse_synonyms, "pins.yml": curation.parse_pins}[self._path.name]
                value = self._make((rule.text, rule.values) for rule in parse(data))
                state = replace(state, value=value, digest=digest)
        except CurationError as error:
            if stamp != held.stamp:
                counts = "its last good version" if held.digest else "nothing of it"
                logger.warning("%s: %s; mend it; %s counts until then", self._path, error, counts)
        self._state = state
        return state


class Curation:
    """The synonyms and pins of the posts folder that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._synonyms = CuratedFile(settings.posts / "synonyms.yml", partial(synonyms_of, lang=settings.lang or "en"))
        self._pins = CuratedFile(
            settings.posts / "pins.yml", lambda rules: {name_key(text): tuple(ids) for text, ids in rules}
        )

    @property
    def synonyms(self) -> Synonyms:
        """What may be held in place of words of a query."""
        return self._synonyms.current().value

    @property
    def pins(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the posts that come first for a query, by its `name_key`."""
        return self._pins.current().value

    @property
    def digest(self) -> str:
        """A text that changes with what is said."""
        return f"{self._synonyms.current().digest} {self._pins.current().digest}"
