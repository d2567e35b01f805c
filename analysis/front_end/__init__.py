"""C text as the C tree, for `parse.py`: libclang, macros, types, and what is said of a file that cannot be read."""
