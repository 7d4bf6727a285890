"""Reading a post: a file goes in, a `Document` or the reason why there is none comes out.

`post` reads the file and puts all together; `header` splits it, `metadata` understands what the header says.
"""

__all__: list[str] = []
