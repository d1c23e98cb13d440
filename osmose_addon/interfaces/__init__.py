"""How the world sees Osmose. Interfaces read stores and ask for actions; they know no pipeline."""
