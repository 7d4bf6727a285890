"""The parts of the bench, each a module with a `measure` that takes a `Stand` and gives figures."""

__all__: list[str] = []
