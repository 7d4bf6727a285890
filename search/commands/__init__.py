"""The commands that need both halves: settings and flags go in, what a terminal shows comes out. One a module."""

__all__: list[str] = []
