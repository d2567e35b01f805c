"""Functions: what calls of them do, and the program with their bodies in the place of the calls."""
