"""How the search reaches people and programs: a Flask extension with a results page and a JSON endpoint."""

__all__: list[str] = []
