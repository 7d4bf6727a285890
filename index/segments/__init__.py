"""Segments: what an index knows of some documents, as arrays that are written once and mapped into memory.

`segment` names the arrays, `inversion` makes them of documents, `merging` makes one segment of several, `texts` and
`lengths` are how texts and their lengths are kept, and `files` keeps arrays in a file.
"""

__all__: list[str] = []
