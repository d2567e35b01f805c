"""The functions of MPI, seen from the rank that calls them: `table.py` holds them all, each other module a chapter."""
