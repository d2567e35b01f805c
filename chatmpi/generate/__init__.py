"""From a plan to an MPI program: edits of the user's text, with fragments from templates in between."""
