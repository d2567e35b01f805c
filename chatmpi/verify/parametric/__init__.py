"""What is proved of any MPI program for all problem sizes, at each number of ranks, by integer sets."""
