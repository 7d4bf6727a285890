"""The index side: posts are read, turned into documents and written to an index."""
