"""The installed version of postsearch."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["own_version"]


def own_version() -> str:
    """The version of postsearch; "" where it is not installed."""
    try:
        return version("postsearch")
    except PackageNotFoundError:
        return ""
