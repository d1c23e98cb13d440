"""What holds for all tests."""

from hypothesis import settings

# How long one example takes tells of the machine's load. What hangs is ended by pytest's own timeout.
settings.register_profile("osmose", deadline=None)
settings.load_profile("osmose")
