"""Segments: what an index knows of some documents, as arrays that are written once and mapped into memory.

`segment` names the arrays, `inversion` makes them of documents, and `merging` makes one segment of several. `texts`
keeps many texts in two arrays, plain or compressed, `numbers` many numbers in few bytes, `lengths` the token count of a
field in one byte, `files` named arrays in a file.
"""

__all__: list[str] = []
