"""Steps of `osmose.db`."""
