"""Cameras, kept live: one supervised service each, and one that knocks while a camera is away."""
