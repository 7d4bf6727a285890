"""The values of configurations and headers, which come in any shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["all_texts", "as_mapping", "as_text", "as_text_list", "first_given", "is_true", "lower_keys", "merged"]

MAX_KEY_DEPTH = 200


def as_text(value: object) -> str:
    """The value as a text, "" where it is none: lists, mappings, yes and no are not."""
    return "" if value is None or isinstance(value, bool | list | tuple | dict) else str(value).strip()


def as_text_list(value: object) -> tuple[str, ...]:
    """The texts of a list, or the one text."""
    items: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
    return tuple(found for item in items if (found := as_text(item)))


def all_texts(value: object) -> tuple[str, ...] | None:
    """The texts in a list that holds nothing else, None for anything else."""
    known = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return as_text_list(value) if known else None


def first_given(*values: object) -> str:
    """The first value that is a text, or ""."""
    return next((found for value in values if (found := as_text(value))), "")


def as_mapping(value: object) -> Mapping[str, object]:
    """The value where it is a mapping, else an empty one."""
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def lower_keys(value: object, depth: int = 0) -> object:
    """The value with all keys of its mappings in lower case."""
    if depth > MAX_KEY_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {str(key).lower(): lower_keys(item, depth + 1) for key, item in value.items()}
    return [lower_keys(item, depth + 1) for item in value] if isinstance(value, list) else value


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Both as one; of what stands in both, what is above counts, and mappings are merged in turn."""
    found = {**below, **above}
    for key in below.keys() & above.keys():
        one, other = below[key], above[key]
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found[key] = merged(one, other)
    return found


def is_true(value: object) -> bool:
    """Whether the value is a yes, as YAML readers that keep texts give it too."""
    return value is True or str(value).lower() in {"true", "yes", "on"}
