"""Media bytes on disk: cells in append-only files with an index beside them."""
