"""Reads the body of a post, Markdown or HTML with the site's template syntax in it, as plain text with sections."""
