"""Segments: what an index knows of some documents, as arrays that are written once and mapped into memory.

`segment.py` names the arrays, `inversion.py` makes them of documents, `merging.py` makes one segment of several,
`texts.py` and `lengths.py` are how texts and their lengths are kept, `files.py` keeps arrays in a file, and `whoosh.py`
is the codec by which all this is an index of Whoosh's.
"""

__all__: list[str] = []
