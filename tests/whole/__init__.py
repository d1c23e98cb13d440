"""The whole of Osmose, run as its users run it and looked at from outside."""
