"""What reading alone tells of an MPI program: before anything is simulated or run."""
