"""A cluster of OpenSearch nodes to try postsearch with: real nodes on this machine, or containers."""
