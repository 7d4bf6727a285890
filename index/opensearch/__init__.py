"""An index in a cluster of OpenSearch nodes: how documents are kept there, and the writer that brings them there."""
