"""Making cells: which run of them is next, on whose hands, and how far it is."""
