"""What the site's authors say of its search, read again when they save it; see `index.curation` for the files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from index.errors import CurationError
from index.schema.keys import name_key
from index.settings import Settings
from search.query.synonyms import Synonyms, synonyms_of

__all__ = ["Curation"]

logger = logging.getLogger(__name__)

SETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system: a file may change again within it and look the same."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """One look at a file: its stamp, whether no later change can leave that as it is, what it held, and the value and
    the digest of its last good version."""

    stamp: tuple[int, ...]
    settled: bool
    data: bytes
    value: Value
    digest: str


class CuratedFile(Generic[Value]):
    """A file beside the posts; shared by threads, of which each assigns a whole reading."""

    def __init__(self, path: Path, parse: Callable[[Any, bytes], Value], empty: Value) -> None:
        """`parse` takes the module `index.curation` too, which is only loaded where there is a file to read."""
        self._path = path.absolute()
        self._parse = parse
        self._none = self._reading = Reading((), True, b"", empty, "")

    def current(self) -> Reading[Value]:
        """What the file holds now; while it can't be used, its last good version. Looks at the file, and no more."""
        held = self._reading
        try:
            status = self._path.lstat()
        except OSError:
            self._reading = self._none
            return self._none
        stamp = status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
        if stamp != held.stamp or not held.settled:
            self._reading = held = self._read(held, stamp)
        return held

    def _read(self, held: Reading[Value], stamp: tuple[int, ...]) -> Reading[Value]:
        data, value, digest = held.data, held.value, held.digest
        settled = time.time_ns() - max(stamp[:2]) > SETTLED_NS
        curation = import_module("index.curation")
        try:
            data = curation.read_bytes(self._path)
            if data != held.data:
                value, digest = self._parse(curation, data), blake2b(data, digest_size=8).hexdigest()
        except CurationError as error:
            if stamp != held.stamp:
                line = f":{error.line}" if error.line else ""
                logger.warning("%s%s: %s; mend it; its last good version counts until then", self._path, line, error)
        except OSError as error:
            if stamp != held.stamp:
                logger.warning(
                    "%s can't be read: %s; its last good version counts until then", self._path, error.strerror
                )
        return Reading(stamp, settled, data, value, digest)


class Curation:
    """The synonyms and pins of the posts folder that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._synonyms = CuratedFile[Synonyms](
            settings.posts / "synonyms.yml", partial(parse_synonyms, lang=settings.lang), Synonyms()
        )
        self._pins = CuratedFile[Mapping[str, tuple[str, ...]]](settings.posts / "pins.yml", parse_pins, {})

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


def parse_synonyms(curation: Any, data: bytes, lang: str) -> Synonyms:
    """The synonyms of a file. Raises `CurationError`."""
    return synonyms_of(((rule.text, rule.values) for rule in curation.parse_synonyms(data)), lang)


def parse_pins(curation: Any, data: bytes) -> dict[str, tuple[str, ...]]:
    """The pins of a file. Raises `CurationError`."""
    return {name_key(rule.text): rule.values for rule in curation.parse_pins(data)}
