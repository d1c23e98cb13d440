"""The application: it builds the stores, starts the services a configuration asks for, and opens the doors."""

from osmose_addon.app.settings import Settings
from osmose_addon.app.start import run

__all__ = ["Settings", "run"]
