"""Libraries: which films lie in a folder, what they hold, and what becomes of them."""
