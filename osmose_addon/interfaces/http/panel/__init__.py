"""The panel: pages drawn on the server, brought to life by small scripts."""
