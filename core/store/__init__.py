"""The store of runs: who asked for what, which worker has it, and how it ended; one database, SQLite or PostgreSQL."""
