"""Reading C: source text, syntax tree, loops, accesses and dependences. Knows nothing of MPI."""
