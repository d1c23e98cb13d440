"""Osmose over HTTP: playing, API, events, and the panel."""
