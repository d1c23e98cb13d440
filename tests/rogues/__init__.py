"""Workers that misbehave on purpose, each in its own way."""
