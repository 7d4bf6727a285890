"""The body of a post: Markdown or HTML with template syntax goes in, plain text with sections comes out of `text`."""

__all__: list[str] = []
