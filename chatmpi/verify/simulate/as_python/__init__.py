"""C programs written as Python."""
