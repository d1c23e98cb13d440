"""Supervised work: each service turns configuration and actions into states and stored things."""
