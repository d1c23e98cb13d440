"""Steps of `work.db`."""
