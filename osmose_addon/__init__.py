"""Osmose: films and cameras of a household on every screen, at home in Home Assistant."""

__version__ = "0.2.0"
