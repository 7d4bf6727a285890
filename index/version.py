"""Which release of postsearch runs: nothing goes in, the version that is installed comes out."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["own_version"]


def own_version() -> str:
    """The version of postsearch; "" where it is not installed."""
    try:
        return version("postsearch")
    except PackageNotFoundError:
        return ""
