"""Measures postsearch beside other engines: `python -m bench [POSTS]` prints tables and keeps the figures."""

__all__: list[str] = []
