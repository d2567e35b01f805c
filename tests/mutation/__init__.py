"""Mutants of MPI programs: one small fault each, as people and language models make them."""
