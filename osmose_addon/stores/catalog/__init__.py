"""The catalog: facts in SQL. `osmose.db` holds what must last, `work.db` what may be lost."""
