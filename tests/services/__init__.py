"""Services with real stores, files and workers."""
