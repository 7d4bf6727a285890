"""The indexer: brings the index up to date with the folder of posts. Runs start in `index.indexer.run`."""
