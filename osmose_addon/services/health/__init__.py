"""Whether Osmose itself is well, and how much needs a person."""
