"""Osmose over MQTT: discovery, states, commands."""
