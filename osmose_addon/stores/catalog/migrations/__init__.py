"""The steps by which the two databases came to be, run by Alembic when one of them is not at its head."""
