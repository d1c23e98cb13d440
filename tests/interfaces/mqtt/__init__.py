"""Osmose over MQTT, on a real broker."""
