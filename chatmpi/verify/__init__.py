"""Decide whether an MPI program does what a sequential one does, whoever wrote it."""
