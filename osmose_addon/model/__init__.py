"""Plain frozen values: what the parts of Osmose tell one another. No behaviour lives here."""
