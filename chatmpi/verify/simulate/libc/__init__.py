"""The C library as the simulation knows it: `functions.py` lists it."""
