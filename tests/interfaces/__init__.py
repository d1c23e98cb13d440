"""How the world sees Osmose."""
