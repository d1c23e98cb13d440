"""How the household's YAML is read, and how its mistakes are told."""
