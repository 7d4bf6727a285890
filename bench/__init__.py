"""Measures postsearch beside other engines: `python -m bench [POSTS]` prints a table and keeps the figures."""

__all__: list[str] = []
