"""A hash of all that a document depends on but its own file: when it changes, every post is read again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from hashlib import blake2b

import Stemmer

from index.embedding import open_embedder
from index.schema import SCHEMA_VERSION
from index.settings import Settings
from index.version import own_version

__all__ = ["fingerprint"]

OPTIONS = ("base_url", "url_pattern", "generator", "lang", "timezone")


def fingerprint(settings: Settings, site: object) -> str:
    """The hash, 32 hexadecimal digits, the same in every process.

    The versions of postsearch and of the stemmers are part of it, as others may read posts in another way. Raises
    `SettingsError` for a model that can't be used.
    """
    options = [getattr(settings, name) for name in OPTIONS]
    embedder = open_embedder(settings.meaning)
    model = embedder.id if embedder else b""
    text = stable((SCHEMA_VERSION, own_version(), Stemmer.version(), options, model, site))
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def stable(value: object) -> str:
    """The value as a text: `repr`, but for sets, whose order differs between processes, and for long patterns.

    Fields that are not compared are no part of it.
    """
    if is_dataclass(value) and not isinstance(value, type):
        inner = ",".join(f"{f.name}={stable(getattr(value, f.name))}" for f in fields(value) if f.compare)
    elif isinstance(value, Mapping):
        inner = ",".join(f"{stable(key)}:{stable(item)}" for key, item in value.items())
    elif isinstance(value, Set):
        inner = ",".join(sorted(map(stable, value)))
    elif isinstance(value, tuple | list):
        inner = ",".join(map(stable, value))
    elif isinstance(value, re.Pattern):
        inner = f"{value.pattern!r},{value.flags}"
    else:
        return repr(value)
    return f"{type(value).__name__}({inner})"
