"""The query side: a text from a search box is parsed, answered from the index and shown as hits."""
