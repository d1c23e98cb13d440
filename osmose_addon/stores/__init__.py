"""What is kept: states, actions under way, live and stored cells, and the catalog."""
