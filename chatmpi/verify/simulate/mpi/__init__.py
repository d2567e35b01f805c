"""MPI as the simulation knows it: what the ranks share, what is under way, who waits for whom."""
